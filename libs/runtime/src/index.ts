export { busSettings, natsConnection } from './bus-settings.js';
export {
  ConfigError,
  type ConfigOf,
  commonOptions,
  file,
  flag,
  integer,
  list,
  loadConfig,
  natsOptions,
  type Option,
  type Options,
  oneOf,
  option,
} from './config.js';
export { startLifecycle } from './lifecycle.js';
export { createLogger, type Logger } from './logger.js';
export { errorText, runMain } from './main.js';
export { portReason } from './port.js';
export { readyMetric } from './readiness.js';
export { startTracing } from './tracing/start.js';
export { withTimeout } from './with-timeout.js';
