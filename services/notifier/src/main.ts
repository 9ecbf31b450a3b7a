import { busMetrics, connectBus } from '@k8sta/bus';
import {
  busSettings,
  ConfigError,
  createLogger,
  loadConfig,
  runMain,
  startLifecycle,
  startTracing,
} from '@k8sta/runtime';
import { options } from './config.js';
import { watchDeadLetters } from './dead-letters.js';
import { dispatch } from './dispatch.js';
import { handle } from './handle.js';
import { createMetrics } from './metrics.js';
import { faultsOf, openOutlets } from './outlets.js';
import { loadRules } from './rules/load.js';
import { firstStart } from './started.js';

const now = () => new Date();

await runMain(async () => {
  const config = loadConfig(options, process.env);
  const { timeoutMs, giveUpMs, insecure: isInsecureAllowed } = config;
  const { receivers, rules, links } = await loadRules(config.rules, { isInsecureAllowed });
  const outlets = openOutlets(receivers, { secrets: config.secrets, timeoutMs, isInsecureAllowed });
  const faults = await faultsOf(outlets);
  if (faults.length > 0) throw new ConfigError(faults);
  const log = createLogger('notifier', config.logLevel);
  const lifecycle = await startLifecycle({ log, statusPort: config.statusPort });
  const tracing = await startTracing({ service: 'notifier', config, lifecycle, log });
  const names = receivers.map(({ name }) => name);
  const metrics = createMetrics(lifecycle.metrics, names);

  const settings = { ...busSettings(config), ...busMetrics(lifecycle.metrics) };
  const bus = await connectBus({ service: 'notifier', log, tracing, ...settings });
  lifecycle.onShutdown('bus', () => bus.close());
  lifecycle.readinessCheck('nats', () => bus.ping());
  // Not liveness: a restart of the notifier does not bring back a receiver that is away.
  lifecycle.readinessCheck('receivers', async () => (await faultsOf(outlets)).join('; ') || undefined);

  const send = { bucket: bus.notices, links, giveUpMs, leaseMs: 3 * timeoutMs, now, log, metrics };
  const startedAt = await firstStart(bus.notices, now());
  const ticket = (track: string, id: string) => bus.ticket(track, id);
  const take: Parameters<typeof handle>[1] = (event, deliveries) =>
    dispatch(event, deliveries, { ...send, rules, outlets, ticket, startedAt });
  await handle(bus, take);
  const deadLetters = watchDeadLetters(bus, take, { everyMs: 5_000, giveUpMs, log });
  lifecycle.onShutdown('dead letters', () => deadLetters.stop());
  log.info({ receivers: names, rules: rules.length }, 'sending notifications');
  lifecycle.started();
});
