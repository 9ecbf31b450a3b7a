export * from './json.js';
export * from './text.js';
export * from './unreachable.js';
