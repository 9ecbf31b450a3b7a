import { randomUUID } from 'node:crypto';
import { busMetrics, connectBus } from '@k8sta/bus';
import { busSettings, createLogger, loadConfig, runMain, startLifecycle, startTracing } from '@k8sta/runtime';
import { loadTracks } from '@k8sta/tracks';
import { apiHandlers } from './api/api.js';
import { trackChecker } from './check/checker.js';
import { options, policyOf, redisAddress } from './config.js';
import { createEngine } from './engine.js';
import { readFreshness } from './freshness.js';
import { answerWanted, handle } from './handle.js';
import { catchUp, endRemoved, fillDirectory } from './loops/catch-up.js';
import { together, whileCurrent } from './loops/deciding.js';
import { forgetEnded } from './loops/forget.js';
import { keepFresh } from './loops/keep-fresh.js';
import { startLoop } from './loops/loop.js';
import { streamLossMender } from './loops/stream-loss.js';
import { takeOver } from './loops/take-over.js';
import { wakeDue } from './loops/wake.js';
import { createMetrics } from './metrics.js';
import { askingOwners } from './replicas/ask-owner.js';
import { owners as ownersAmong } from './replicas/owner.js';
import { passOn } from './replicas/pass-on.js';
import { presence, presentEveryMs } from './replicas/presence.js';
import { answerByOwner } from './replicas/wanted.js';
import { announceEveryMs, currentTracks, ignoreOtherTracks } from './store/current-tracks.js';
import { fingerprintOf } from './store/fingerprint.js';
import { clusterKeys, singleKeys } from './store/keys.js';
import { onReturn, openRedis, probeRedis, untilReady } from './store/redis-connection.js';
import { settingFaults } from './store/redis-settings.js';
import { redisStore } from './store/redis-store.js';
import { sourceDirectory } from './store/source-directory.js';
import { keepTracks } from './store/track-keeper.js';

const now = () => new Date();

await runMain(async () => {
  const config = loadConfig(options, process.env);
  const tracks = await loadTracks(config.tracks);
  const log = createLogger('tracker', config.logLevel);
  const lifecycle = await startLifecycle({ log, statusPort: config.statusPort });
  const tracing = await startTracing({ service: 'tracker', config, lifecycle, log });

  const redis = openRedis(redisAddress(config), log);
  // They define their scripts at once: a pipeline that was opened before a script is defined does not have it.
  const keys = config.redisMode === 'cluster' ? clusterKeys : singleKeys;
  const current = currentTracks(redis, fingerprintOf(tracks), log, now, keys);
  const store = redisStore(redis, current, keys);
  const directory = sourceDirectory(redis, keys);
  lifecycle.onShutdown('redis', async () => redis.disconnect());
  lifecycle.readinessCheck('redis', () => probeRedis(redis, keys));
  await untilReady(redis);
  const checkSettings = async () => {
    for (const fault of await settingFaults(redis)) log.error(fault);
  };
  await checkSettings();

  const settings = { ...busSettings(config), ...busMetrics(lifecycle.metrics), tracing };
  const bus = await connectBus({ service: 'tracker', log, ...settings });
  lifecycle.onShutdown('bus', () => bus.close());
  lifecycle.readinessCheck('nats', () => bus.ping());

  const self = randomUUID();
  const present = presence({ bus, self, files: current.files, log, now: () => performance.now() });
  const owners = ownersAmong(self, present.living);
  const askOwner = askingOwners(bus, present, log);
  const replicas = passOn({ bus, self, owners, askOwner });

  lifecycle.readinessCheck('tracks', async () => current.notice());
  const keeper = keepTracks(store, bus, (track) => log.warn({ track }, 'restored from the state bucket'));
  const { argoInstances: instances } = config;
  const freshness = readFreshness(bus, instances);
  const metrics = createMetrics(lifecycle.metrics, { tracks, instances, freshness, owners, now });
  const policy = policyOf(config);
  const engine = createEngine({
    ...{ tracks, keeper, current, owners, bus, freshness, directory, policy, metrics, log, now },
    onChange: (track, history) => checker.changed(track, history),
  });
  const isWatched = () => Object.keys(freshness.currentAsOf()).length > 0;
  const checker = trackChecker(engine, bus, directory, owners, isWatched, now);

  const mendStreamLoss = streamLossMender(bus, redis, engine, keeper.distrust);
  const restore = async (how: { isChange?: boolean; isReturn?: boolean }) => {
    await fillDirectory(bus, directory, instances, how.isReturn);
    await catchUp(bus, engine, instances, { isChange: how.isChange ?? false });
    await endRemoved(engine, log);
  };
  // Redis may come back without what it had.
  let wasAway = false;
  onReturn(redis, () => {
    keeper.distrust();
    wasAway = true;
  });
  const restoreIfAway = async () => {
    if (!wasAway) return;
    wasAway = false;
    await restore({ isReturn: true })
      // After a failover, the new primary may have other settings.
      .then(checkSettings)
      .catch((error) => {
        wasAway = true;
        throw error;
      });
  };

  const loop = (what: string, everyMs: number, round: () => Promise<unknown>) => {
    const loop = startLoop(what, () => round().catch(ignoreOtherTracks), everyMs, log);
    lifecycle.onShutdown(what, () => loop.stop());
  };
  const announce = async () => {
    isChange = (await current.announce()) || isChange;
  };
  let isChange = false;
  await announce();
  lifecycle.onShutdown('tracks files', current.leave);
  loop('announcing the tracks files', announceEveryMs, announce);
  const decide = whileCurrent(current, async () => {
    await mendStreamLoss();
    await freshness.refresh();
    await restore({ isChange });
    isChange = false;
    return together(
      () => handle({ bus, engine, directory, replicas, instances, now }),
      () => bus.serve(apiHandlers({ bus, engine, store, log, now })),
    );
  });
  await decide().catch(ignoreOtherTracks);
  replicas.answer();
  answerByOwner(bus, self, owners, askOwner, answerWanted(engine));
  const ifCurrent = (round: () => Promise<unknown>) => async () => {
    if (current.isCurrent()) await round();
  };
  loop('announcing this replica', presentEveryMs, async () => present.announce());
  loop('following the tracks files', 1_000, decide);
  loop('restoring what Redis lost', 250, ifCurrent(restoreIfAway));
  loop('waking due Tracks', 250, ifCurrent(wakeDue(store, engine, owners, now, log)));
  loop('reading heartbeats', 1_000, keepFresh(freshness, engine, now));
  loop('checking Tracks', 1_000, ifCurrent(checker.round));
  loop('watching the streams', 5_000, ifCurrent(mendStreamLoss));
  loop('forgetting ended Tickets', 3_600_000, ifCurrent(forgetEnded(store, bus, engine, now)));
  loop('taking over Tracks', 1_000, ifCurrent(takeOver(present.living, owners, engine, checker.takenOver, now)));
  lifecycle.onShutdown('goodbye', async () => present.leave());
  lifecycle.started();
});
