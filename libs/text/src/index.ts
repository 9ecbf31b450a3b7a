export * from './json.js';
export * from './retry-after.js';
export * from './template.js';
export * from './text.js';
export * from './unreachable.js';
export * from './web-address.js';
