export { boardLines } from './board.js';
export type { Facts } from './facts.js';
export type { Size } from './fit.js';
export { type Follow, follow } from './follow.js';
export type { Line } from './lines.js';
export type { Item, Row, Span, Tone } from './row.js';
export { type TrackView, viewOf } from './view.js';
export { cut } from './width.js';
