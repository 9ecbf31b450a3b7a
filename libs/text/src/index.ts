export * from './text.js';
export * from './unreachable.js';
