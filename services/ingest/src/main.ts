import { connectBus } from '@k8sta/bus';
import {
  busSettings,
  ConfigError,
  createLogger,
  loadConfig,
  runMain,
  startLifecycle,
  startTracing,
} from '@k8sta/runtime';
import { loadTracks } from '@k8sta/tracks';
import { reporters } from './checks/reporters.js';
import { options } from './config.js';
import { createMetrics } from './metrics.js';
import { forges } from './proposals/forges.js';
import { HintPublisher } from './proposals/hint-publisher.js';
import { RateLimit } from './rate-limit.js';
import { parseRegistries, parseSenders } from './registries.js';
import { openRegistryClient } from './registry/open-client.js';
import { registrySender } from './registry/open-found.js';
import { startPolling } from './registry/polling.js';
import { Verifier } from './registry/verify.js';
import { startRepair } from './repair.js';
import { judgeOpenings } from './repeat.js';
import { answerReplays } from './replay.js';
import { openSecrets } from './secrets.js';
import { senders } from './senders/index.js';
import type { Prover } from './senders/sender.js';
import { startServer } from './server.js';
import { payloadFault, Storage } from './storage.js';

await runMain(async () => {
  const config = loadConfig(options, process.env);
  const tracks = await loadTracks(config.tracks);
  const log = createLogger('ingest', config.logLevel, { isAsync: true });
  const secrets = await openSecrets({
    variable: options.webhookSecrets.env,
    directory: config.webhookSecrets,
    senders,
    log,
    // A look costs a call to the system, which is a tenth of the cost of a webhook.
    maxAgeMs: 100,
  });
  const optionalSecrets = async (variable: string, directory: string | undefined, provers: readonly Prover[]) =>
    directory === undefined ? undefined : openSecrets({ variable, directory, senders: provers, log, mayBeEmpty: true });
  const checkSecrets = await optionalSecrets(options.checkSecrets.env, config.checkSecrets, reporters);
  const proposalSecrets = await optionalSecrets(options.proposalSecrets.env, config.proposalSecrets, forges);
  const named = senders.map(({ name }) => name);
  const registries = parseRegistries(options.webhookRegistries.env, config.webhookRegistries, named);
  const verified = parseSenders(options.webhookVerify.env, config.webhookVerify, named);
  const now = () => new Date();
  const client = await openRegistryClient({ credentials: config.registryCredentials, now });
  // A sender waits for its answer, GitHub for ten seconds.
  const verifier = new Verifier({ senders: verified, client, tracks, withinMs: 5_000 });
  const lifecycle = await startLifecycle({ log, statusPort: config.statusPort });
  const tracing = await startTracing({ service: 'ingest', config, lifecycle, log });

  const bus = await connectBus({ service: 'ingest', log, tracing, ...busSettings(config) });
  lifecycle.onShutdown('bus', () => bus.close());
  lifecycle.readinessCheck('nats', () => bus.ping());

  const fault = payloadFault(config.bodyLimit, bus.maxPayload());
  if (fault !== undefined) throw new ConfigError([fault]);
  const storage = new Storage({ bus, withinMs: 5_000, bodyLimit: config.bodyLimit, now });
  lifecycle.readinessCheck('storage', () => storage.check());
  lifecycle.readinessCheck('secrets', () => secrets.check());
  if (checkSecrets) lifecycle.readinessCheck('secrets of checks', () => checkSecrets.check());
  if (proposalSecrets) lifecycle.readinessCheck('secrets of forges', () => proposalSecrets.check());

  const judge = judgeOpenings(bus, log);
  answerReplays({ bus, tracks, storage, judge, verifier, log });
  const repairing = startRepair({ bus, senders: [...named, registrySender], storage, log });
  lifecycle.onShutdown('repair', () => repairing.stop());
  const server = await startServer(
    {
      senders,
      secrets,
      tracks,
      storage,
      judge,
      now,
      tracing,
      rateLimit: new RateLimit(config.webhookRate),
      registries,
      verifier,
      ...(checkSecrets && { checks: { senders: reporters, secrets: checkSecrets, bus } }),
      ...(proposalSecrets && {
        proposals: { senders: forges, secrets: proposalSecrets, publisher: new HintPublisher({ bus }) },
      }),
      bodyLimit: config.bodyLimit,
      log,
      metrics: createMetrics(lifecycle.metrics),
    },
    config.httpPort,
  );
  lifecycle.onShutdown('webhooks', () => server.close());
  if (config.registryPollMs !== undefined) {
    const polling = startPolling({ everyMs: config.registryPollMs, client, tracks, storage, bus, now, log, tracing });
    lifecycle.onShutdown('registries', () => polling.stop());
  }
  log.info({ port: server.port, tracks: tracks.length }, 'listening for webhooks');
  lifecycle.started();
});
