import { busMetrics, connectBus } from '@k8sta/bus';
import { gitInspection, gitRelation } from '@k8sta/contracts';
import { busSettings, createLogger, loadConfig, runMain, startLifecycle } from '@k8sta/runtime';
import { options } from './config.js';
import { readCredentials } from './credentials.js';
import { gitByWorkers } from './git.js';
import { requestHandler } from './handle.js';
import { inspectionAnswerer } from './inspect.js';
import { createMetrics } from './metrics.js';
import { relationAnswerer } from './relate.js';
import { prepareDirectory, Workers } from './workers.js';

await runMain(async () => {
  const config = loadConfig(options, process.env);
  const isAllowed = (repository: string) => config.repositories?.includes(repository) ?? true;
  const credentials = async () => (config.credentialsFile ? readCredentials(config.credentialsFile) : []);
  await credentials();
  await prepareDirectory(options.mirrors.env, config.mirrors);
  const log = createLogger('promoter', config.logLevel);
  const lifecycle = await startLifecycle({ log, statusPort: config.statusPort });

  const workers = new Workers({
    directory: config.mirrors,
    limit: config.workerLimit,
    idleMs: config.workerIdleMs,
    firstByteMs: config.firstByteMs,
    stallMs: config.stallMs,
  });
  const author = { name: config.authorName, email: config.authorEmail };
  const git = gitByWorkers({ workers, author, credentials });

  const settings = { ...busSettings(config), ...busMetrics(lifecycle.metrics) };
  const bus = await connectBus({ service: 'promoter', log, ...settings });
  lifecycle.onShutdown('promotions', async () => {
    // Whoever is with a remote that hangs is given up before the drain is: the request comes again elsewhere.
    const late = setTimeout(() => void workers.close(), 10_000);
    await bus.close();
    clearTimeout(late);
    await workers.close();
  });
  lifecycle.readinessCheck('NATS', () => bus.ping());

  const metrics = createMetrics(lifecycle.metrics);
  const handle = requestHandler({ bus, git, isAllowed, metrics, log, now: () => new Date(), random: Math.random });
  await bus.consume('promotion.requested', handle, { concurrency: 1_024 });
  bus.answer(gitRelation, relationAnswerer({ git, isAllowed, budgetMs: 4_000 }));
  bus.answer(gitInspection, inspectionAnswerer({ git, isAllowed, now: () => new Date(), budgetMs: 25_000 }));
  lifecycle.started();
});
