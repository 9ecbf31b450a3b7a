import { busMetrics, connectBus } from '@k8sta/bus';
import { busSettings, createLogger, loadConfig, runMain, startLifecycle, startTracing } from '@k8sta/runtime';
import { systemClock } from './clock.js';
import { options } from './config.js';
import { handle } from './handle.js';
import { openCluster } from './kube/cluster.js';
import { askByAnnotation } from './kube/refresh.js';
import { kubernetesSource } from './kube/source.js';
import { createMetrics } from './metrics.js';
import { Refresher } from './refresh.js';
import { startWatcher } from './watcher.js';

const clock = systemClock;

await runMain(async () => {
  const config = loadConfig(options, process.env);
  const { instance, idleMs, heartbeatMs, selector, pageSize } = config;
  const cluster = await openCluster();
  const log = createLogger('argo-watcher', config.logLevel);
  const lifecycle = await startLifecycle({ log, statusPort: config.statusPort });
  const tracing = await startTracing({ service: 'argo-watcher', config, lifecycle, log });
  const metrics = createMetrics(lifecycle.metrics);

  const bus = await connectBus({
    service: 'argo-watcher',
    // Each Argo CD needs durables of its own: a shared one would hand a commit to a watcher that does not know the
    // Application.
    instance,
    log,
    tracing,
    ...busMetrics(lifecycle.metrics),
    ...busSettings(config),
  });
  lifecycle.onShutdown('bus', () => bus.close());
  lifecycle.readinessCheck('nats', () => bus.ping());

  const namespaces = config.namespaces.includes('*') ? [undefined] : config.namespaces;
  const at = { cluster, pageSize, idleMs };
  const sources = namespaces.map((namespace) =>
    kubernetesSource({ ...at, plural: 'applications', namespace, selector }),
  );
  const projectSources = namespaces.map((namespace) =>
    kubernetesSource({ ...at, plural: 'appprojects', namespace, selector: undefined }),
  );
  const watcher = startWatcher({ instance, sources, projectSources, bus, idleMs, heartbeatMs, clock, log, metrics });
  lifecycle.onShutdown('watcher', () => watcher.stop());
  lifecycle.readinessCheck('kubernetes', async () => {
    if (watcher.fault !== undefined) throw new Error(watcher.fault);
  });

  const refresher = config.refresh
    ? new Refresher({ ask: askByAnnotation(cluster, { idleMs }), clock, log, onOutcome: metrics.refreshed })
    : undefined;
  if (refresher) lifecycle.onShutdown('refresher', () => refresher.stop());
  await handle({ bus, instance, watcher, refresher, now: () => new Date(clock.now()) });

  lifecycle.started();
});
