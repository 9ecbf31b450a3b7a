export { parseDuration } from './duration.js';
export { type Fault, formatFault, TracksError } from './fault.js';
export { loadTracks } from './load.js';
export { parseTracks } from './parse.js';
export { tracksJsonSchema } from './schema.js';
export type { TracksFile } from './source.js';
export {
  type Refusal,
  refusals,
  subscribers,
  whyNot,
  whyNotCarried,
  whyNotFrom,
} from './subscribers.js';
export type { TagRule } from './tag-rule.js';
export {
  type Gates,
  imagesOf,
  isJunction,
  noGates,
  type Station,
  type Subscription,
  selects,
  type Track,
  type Window,
} from './track.js';
