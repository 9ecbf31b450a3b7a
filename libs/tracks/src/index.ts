export { parseDuration } from './duration.js';
export { type Fault, formatFault, TracksError } from './fault.js';
export { loadTracks } from './load.js';
export { parseTracks } from './parse.js';
export { type Path, valueAt } from './path.js';
export { tracksJsonSchema } from './schema.js';
export { readSource, type Source } from './source.js';
export {
  refusals,
  subscribers,
  whyNot,
  whyNotCarried,
  whyNotFrom,
} from './subscribers.js';
export {
  imagesOf,
  isJunction,
  noGates,
  type Station,
  selects,
  type Track,
  type Window,
} from './track.js';
