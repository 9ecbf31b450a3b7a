export { identitySchema } from './application.js';
export { type Chosen, chooseSources, type Obstacle } from './choose-sources.js';
export { isRelevant, membersOf, nothingSelected, whyLeft } from './members.js';
export type { ApplicationSource, Observations, Observed } from './observed.js';
export { type PartsWanted, type PlannedPart, planParts } from './plan-parts.js';
export { type ReadAt, readAt } from './protected-sources.js';
export { isVersion, pinnedBy } from './revision.js';
export { project, type Reading, type Slice, unreadableError } from './slice.js';
