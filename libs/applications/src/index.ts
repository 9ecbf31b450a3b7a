export { identitySchema } from './application.js';
export type { Obstacle } from './choose-sources.js';
export { isRelevant, membersOf, whyLeft } from './members.js';
export type { ApplicationSource, Observations, Observed } from './observed.js';
export { type PartsWanted, type PlannedPart, planParts } from './plan-parts.js';
export { readAt } from './protected-sources.js';
export { isVersion, pinnedBy } from './revision.js';
export { project, type Slice } from './slice.js';
