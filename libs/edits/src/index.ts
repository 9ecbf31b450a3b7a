export { type Changed, joined, whereOf } from './edits.js';
export { FileInvalid, inFile } from './file-invalid.js';
export { formatAt } from './formats.js';
export { editsSchema, type Started, startedSchema } from './part.js';
export { placesNaming } from './places.js';
export { planEdits } from './plan-edits.js';
export { type Refusal, refusalSchema, refuse } from './refusal.js';
export type { Place } from './renderer.js';
export { cleanPath, type Entry, lookUp, type Tree, type Trees } from './tree.js';
