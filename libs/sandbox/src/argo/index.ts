export type { ApiAnswer, ApiFaults } from './api.js';
export type { ApiRequest } from './api-request.js';
export type { Application, ApplicationSpec } from './application.js';
export { type ArgoCd, type ArgoCdOptions, startArgoCd } from './argo-cd.js';
export type { Clock } from './clock.js';
export type { Speeds } from './managed.js';
export type { Scenario } from './scenario.js';
export { type Status, status } from './status.js';
