export type { Pull, Rules } from './core/model.js';
export type { ForgeRequest } from './http/call.js';
export type { ApiFault, ForgeInterceptor } from './http/fault.js';
export { type ForgeServer, type ForgeServerOptions, startForge } from './start-forge.js';
