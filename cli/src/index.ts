export { drawBoard } from './board/board.js';
export type { Facts } from './board/facts.js';
export { follow } from './board/follow.js';
export { openScreen, type Screen } from './board/screen.js';
