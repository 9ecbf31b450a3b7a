import { busMetrics, connectBus } from '@k8sta/bus';
import { busSettings, createLogger, loadConfig, runMain, startLife } from '@k8sta/runtime';
import { loadTracks } from '@k8sta/tracks';
import { catchUp } from './catch-up.js';
import { trackChecker } from './check/checker.js';
import { startClock, wakeDue } from './clock.js';
import { limitsOf, options, redisAddress } from './config.js';
import { handle } from './handle.js';
import { createMetrics } from './metrics.js';
import { createRailway } from './railway.js';
import { answerOf, openRedis, untilReady } from './store/redis-connection.js';
import { settingFaults } from './store/redis-settings.js';
import { redisStore } from './store/redis-store.js';
import { keepTracks } from './store/track-keeper.js';
import { streamLossMender } from './stream-loss.js';

const now = () => new Date();

await runMain(async () => {
  const config = loadConfig(options, process.env);
  const tracks = await loadTracks(config.tracks);
  const log = createLogger('tracker', config.logLevel);
  const life = await startLife({ log, statusPort: config.statusPort });

  const redis = openRedis(redisAddress(config), log);
  life.atEnd('redis', async () => redis.disconnect());
  life.readyWhen('redis', async () => void (await answerOf(redis.ping())));
  await untilReady(redis);
  for (const fault of await settingFaults(redis)) log.error(fault);

  const settings = { ...busSettings(config), ...busMetrics(life.metrics) };
  const bus = await connectBus({ service: 'tracker', log, ...settings });
  life.atEnd('bus', () => bus.close());
  life.readyWhen('nats', () => bus.ping());

  const store = redisStore(redis);
  const keeper = keepTracks(store, bus, (track) => log.warn({ track }, 'restored from the state bucket'));
  const limits = limitsOf(config);
  const metrics = createMetrics(life.metrics, { tracks, instances: config.argoInstances, now });
  const railway = createRailway({ tracks, store, keeper, bus, limits, metrics, log, now });
  const mendStreamLoss = streamLossMender(bus, redis, railway);
  await mendStreamLoss();
  await catchUp(bus, railway, config.argoInstances);
  await handle({ bus, railway, instances: config.argoInstances, now });
  // Whatever Redis has lost while it was away is restored as soon as it is back.
  redis.on(
    'ready',
    () =>
      void catchUp(bus, railway, config.argoInstances).catch((err) =>
        log.warn({ err }, 'could not catch up after Redis was away; what is due is done all the same'),
      ),
  );

  const waking = startClock('waking due Tracks', wakeDue(store, railway, now, log), 250, log);
  life.atEnd('waking', () => waking.stop());
  const mending = startClock('looking after the streams', mendStreamLoss, 5_000, log);
  life.atEnd('mending', () => mending.stop());
  const checking = startClock('checking the Tracks', trackChecker(railway, bus, now), 1_000, log);
  life.atEnd('checking', () => checking.stop());
  life.started();
});
