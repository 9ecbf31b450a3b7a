import { busMetrics, connectBus } from '@k8sta/bus';
import { gitInspection, gitRelation } from '@k8sta/contracts';
import { busSettings, createLogger, loadConfig, runMain, startLifecycle, startTracing } from '@k8sta/runtime';
import { options } from './config.js';
import { openGitAccess } from './credentials/open.js';
import { forgesWhenNeeded } from './forge/forges-when-needed.js';
import { prepareDirectory } from './git/mirror-directory.js';
import { MirrorDisk } from './git/mirror-disk.js';
import { gitByWorkers } from './git/worker-git.js';
import { WorkerPool } from './git/worker-pool.js';
import { createHandlers } from './handle.js';
import { createMetrics } from './metrics.js';
import { inspectionAnswerer } from './questions/inspection.js';
import { relationAnswerer } from './questions/relation.js';
import { statusReporter } from './report/report-status.js';
import { ticketLink } from './report/ticket-link.js';
import { DirectCommit } from './write/direct-commit.js';

await runMain(async () => {
  const config = loadConfig(options, process.env);
  const isAllowed = (repository: string) => config.repositories?.includes(repository) ?? true;
  await prepareDirectory(options.mirrors.env, config.mirrors);
  const { access, signingKey, environment } = await openGitAccess({
    ...config,
    directory: config.mirrors,
    environment: process.env,
    onAuthoritiesChange: () => pool.renew(),
    now: Date.now,
  });
  const log = createLogger('promoter', config.logLevel);
  const lifecycle = await startLifecycle({ log, statusPort: config.statusPort });
  const tracing = await startTracing({ service: 'promoter', config, lifecycle, log });

  const pool = new WorkerPool({
    directory: config.mirrors,
    environment,
    limit: config.workerLimit,
    onUse: (mirror) => disk.used(mirror),
    idleMs: config.workerIdleMs,
    firstByteMs: config.firstByteMs,
    stallMs: config.stallMs,
  });
  const disk = new MirrorDisk({
    directory: config.mirrors,
    maxBytes: config.mirrorsMaxMegabytes * 1_000_000,
    release: (mirror) => pool.releaseMirror(mirror),
    log,
  });
  await disk.start();
  const forges = forgesWhenNeeded({ access, now: Date.now });
  const author = { name: config.authorName, email: config.authorEmail };
  const message = { template: config.commitMessage, link: config.commitLink };
  const accessTo = (address: string) => access.to(address);
  const git = gitByWorkers({ pool, author, message, signingKey, accessTo, isReadable: isAllowed });

  const settings = { ...busSettings(config), ...busMetrics(lifecycle.metrics), tracing };
  const bus = await connectBus({ service: 'promoter', log, ...settings });
  lifecycle.onShutdown('promotions', async () => {
    // Jobs whose remote hangs fail before the drain times out: another replica gets their requests.
    const late = setTimeout(() => void pool.close(), 10_000);
    await bus.close();
    clearTimeout(late);
    await pool.close();
    await forges.close();
  });
  lifecycle.readinessCheck('nats', () => bus.ping());

  const metrics = createMetrics(lifecycle.metrics);
  const now = () => new Date();
  const { random } = Math;
  const { forgeOf } = forges;
  const write = new DirectCommit({ git, metrics, random });
  const handlers = createHandlers({
    ...{ bus, git, write, forgeOf, isAllowed, message, metrics, log, now, random, tracing },
  });
  await bus.consume('promotion.requested', handlers.requested, { concurrency: 1_024 });
  await bus.consume('proposal.changed', handlers.proposalChanged, { concurrency: 256 });
  const linkOf = (status: Parameters<typeof ticketLink>[1]) => ticketLink(config.commitLink, status);
  await bus.consume('status.requested', statusReporter({ bus, forgeOf, isAllowed, linkOf, log, now }), {
    concurrency: 64,
  });
  bus.answer(gitRelation, relationAnswerer({ git, isAllowed, budgetMs: 4_000 }));
  bus.answer(gitInspection, inspectionAnswerer({ git, isAllowed, now, budgetMs: 25_000 }));
  lifecycle.started();
});
