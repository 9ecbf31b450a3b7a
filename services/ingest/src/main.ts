import { connectBus } from '@k8sta/bus';
import { busSettings, ConfigError, createLogger, loadConfig, runMain, startLife } from '@k8sta/runtime';
import { loadTracks } from '@k8sta/tracks';
import { options } from './config.js';
import { createMetrics } from './metrics.js';
import { judgeOpenings } from './repeat.js';
import { openSecrets } from './secrets.js';
import { senders } from './senders/index.js';
import { startServer } from './server.js';
import { payloadFault, Storage } from './storage.js';

await runMain(async () => {
  const config = loadConfig(options, process.env);
  const tracks = await loadTracks(config.tracks);
  const log = createLogger('ingest', config.logLevel);
  const secrets = await openSecrets({
    variable: options.webhookSecrets.env,
    directory: config.webhookSecrets,
    senders,
    log,
  });
  const life = await startLife({ log, statusPort: config.statusPort });

  const bus = await connectBus({ service: 'ingest', log, ...busSettings(config) });
  life.atEnd('bus', () => bus.close());
  life.readyWhen('nats', () => bus.ping());

  const fault = payloadFault(config.bodyLimit, bus.maxPayload());
  if (fault !== undefined) throw new ConfigError([fault]);
  const now = () => new Date();
  const storage = new Storage({ bus, withinMs: 5_000, bodyLimit: config.bodyLimit, now });
  life.readyWhen('storage', () => storage.check());
  life.readyWhen('secrets', () => secrets.check());

  const server = await startServer(
    {
      senders,
      secrets,
      tracks,
      storage,
      judge: judgeOpenings(bus, log),
      now,
      bodyLimit: config.bodyLimit,
      log,
      metrics: createMetrics(life.metrics),
    },
    config.httpPort,
  );
  life.atEnd('webhooks', () => server.close());
  log.info({ port: server.port, tracks: tracks.length }, 'listening for webhooks');
  life.started();
});
