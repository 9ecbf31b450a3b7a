export type { ApiAnswer } from './api.js';
export type { Application } from './application.js';
export type { ApplicationSpec } from './application-spec.js';
export { type ArgoCd, type ArgoCdOptions, startArgoCd } from './argo-cd.js';
export { status } from './status.js';
