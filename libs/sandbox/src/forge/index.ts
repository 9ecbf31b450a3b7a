export type { CheckWish, People } from './controls.js';
export type { Deployment, MergeMethod, Pull, Report, Rules } from './core/model.js';
export type { Ability, ForgeRequest } from './http/call.js';
export type { ApiFault, ForgeInterceptor, Meets } from './http/fault.js';
export { type ForgeServer, type ForgeServerOptions, startForge } from './start-forge.js';
export type { Delivery, Webhooks, WebhookTarget } from './webhooks.js';
