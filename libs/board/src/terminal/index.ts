export { drawBoard } from './paint.js';
export { openScreen, type Screen } from './screen.js';
