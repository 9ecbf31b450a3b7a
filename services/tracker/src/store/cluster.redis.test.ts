import assert from 'node:assert/strict';
import { type RedisCluster, startRedisCluster, until } from '@k8sta/sandbox';
import { emptyTrack } from '../ride/state.js';
import { currentTracks, OtherTracks } from './current-tracks.js';
import type { TrackDocument } from './document.js';
import { clusterKeys } from './keys.js';
import { openRedis, type RedisClient, untilReady } from './redis-connection.js';
import { settingFaults } from './redis-settings.js';
import { redisStore } from './redis-store.js';
import { sourceDirectory } from './source-directory.js';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** Tracks that are in several slots. */
const names = ['storefront', 'payments', 'search', 'billing', 'mail', 'pricing'];

describe('trackers on a Redis Cluster', function () {
  this.timeout(60_000);
  let cluster: RedisCluster;
  let connections: RedisClient[];
  let time: number;

  beforeEach(async () => {
    cluster = await startRedisCluster();
    connections = [];
    time = 1_000;
  });
  afterEach(async () => {
    for (const each of connections) each.disconnect();
    await cluster.stop();
  });

  async function connected(): Promise<RedisClient> {
    const { user, passwordFile } = cluster.as('tracker');
    const redis = openRedis({ urls: cluster.url.split(','), mode: 'cluster', user, passwordFile }, quiet);
    connections.push(redis);
    await untilReady(redis);
    return redis;
  }

  async function started(files: string) {
    const redis = await connected();
    const tracks = currentTracks(redis, files, quiet, () => new Date(time++), clusterKeys);
    const store = redisStore(redis, tracks, clusterKeys);
    const isChange = await tracks.announce();
    const save = (track: string, version: number, dueAt = 500) => {
      const saves = Array.from({ length: version }, (_, at) => `save ${at + 1}`);
      const outbox = { events: [], tickets: [] };
      const document: TrackDocument = { format: 1, version, saves, state: emptyTrack(track), outbox };
      const expected = version === 1 ? '' : `save ${version - 1}`;
      return store.save({ document, expected, dueAt, ended: [`${track}-ended`], at: 1 });
    };
    return { redis, tracks, store, isChange, save };
  }

  /** As the failover of one primary without a replica would: what a key of ours held is gone. */
  async function lose(key: string): Promise<void> {
    await Promise.all(
      cluster.nodes.map(async (node) => {
        const client = cluster.clientOf(node);
        await client.del(key).catch(() => {});
        client.disconnect();
      }),
    );
  }

  it('keep each Track in a slot of its own, and find every timer', async () => {
    const { store, save } = await started('files');
    assert.ok(new Set(names.map((name) => clusterKeys.shardOf(name))).size > 3);
    for (const name of names) assert.equal(await save(name, 1), true);
    assert.equal(await save('storefront', 1), false, 'another save was first');
    assert.deepEqual((await store.due(500)).sort(), [...names].sort());
    assert.equal((await store.load('search'))?.state.track, 'search');
    assert.equal(await store.hasEnded('mail', 'mail-ended'), true);
    assert.deepEqual(await cluster.refusals(), []);
  });

  it('with other tracks files save nothing of any Track once a tracker with new ones has started', async () => {
    const old = await started('old');
    for (const name of names) assert.equal(await old.save(name, 1), true);
    const next = await started('new');
    assert.equal(next.isChange, true);
    assert.equal(old.tracks.isCurrent(), true, 'it has not looked');
    for (const name of names) await assert.rejects(old.save(name, 2), OtherTracks);
    for (const name of names) assert.equal(await next.save(name, 2), true);
  });

  it('go on after the announced files were lost and the copies beside the Tracks were not', async () => {
    const { tracks, save } = await started('files');
    // Its clock is behind that of the tracker that announced them before.
    time = 1;
    await lose(clusterKeys.current);
    await tracks.announce();
    const next = await started('new');
    for (const name of names) assert.equal(await next.save(name, 1), true);
    await assert.rejects(save('storefront', 2), OtherTracks);
  });

  it('go on after a copy was lost', async () => {
    const old = await started('old');
    const next = await started('new');
    await lose(clusterKeys.shardOf('storefront').current);
    await next.tracks.announce();
    await assert.rejects(old.save('storefront', 1), OtherTracks);
    assert.equal(await next.save('storefront', 1), true);
  });

  it('keep the sources of Applications, and check the settings of every node', async () => {
    const redis = await connected();
    const directory = sourceDirectory(redis, clusterKeys);
    await directory.filled();
    assert.equal(await directory.isFilled(), true);
    assert.equal((await directory.sources())('https://git.example.com/acme/deploy').length, 0);
    assert.deepEqual(await settingFaults(redis), []);
    const [, second] = cluster.nodes;
    assert.ok(second);
    const client = cluster.clientOf(second);
    await client.config('SET', 'appendfsync', 'everysec');
    client.disconnect();
    const [fault] = await until(
      async () => {
        const faults = await settingFaults(redis);
        return faults.length > 0 && faults;
      },
      { what: 'the fault' },
    );
    assert.match(fault ?? '', new RegExp(`^Redis 127.0.0.1:${second.port} has appendfsync everysec`));
  });
});
