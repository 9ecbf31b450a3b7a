export { drawBoard, type Paint } from './paint.js';
export { openScreen, type Screen } from './screen.js';
