import assert from 'node:assert/strict';
import { type RedisServer, startRedis } from '@k8sta/sandbox';
import { Redis } from 'ioredis';
import { emptyTrack } from '../ride/state.js';
import { type CurrentTracks, currentTracks, OtherTracks } from './current-tracks.js';
import type { TrackDocument } from './document.js';
import { redisStore } from './redis-store.js';
import type { TrackStore } from './track-store.js';

interface Tracker {
  readonly tracks: CurrentTracks;
  readonly store: TrackStore;
  /** Saves the next version of the Track, as a step does. */
  save(version: number): Promise<boolean>;
}

describe('trackers with different tracks files', () => {
  let server: RedisServer;
  let redis: Redis;
  let logged: string[];
  let connections: Redis[];

  beforeEach(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
    connections = [redis];
    logged = [];
  });
  afterEach(async () => {
    for (const each of connections) each.disconnect();
    await server.stop();
  });

  /** A process that has started but not announced its files. */
  function aTracker(files: string): Tracker {
    const own = new Redis(server.url);
    connections.push(own);
    const log = (_fields: object, message: string) => void logged.push(`${files}: ${message}`);
    const tracks = currentTracks(own, files, { info: log, warn: log }, () => new Date(0));
    const store = redisStore(own, tracks);
    const save = (version: number) => {
      const saves = Array.from({ length: version }, (_, at) => `save ${at + 1}`);
      const outbox = { events: [], tickets: [] };
      const document: TrackDocument = { format: 1, version, saves, state: emptyTrack('storefront'), outbox };
      const expected = version === 1 ? '' : `save ${version - 1}`;
      return store.save({ document, expected, dueAt: 500, ended: [], at: 1 });
    };
    return { tracks, store, save };
  }

  async function started(files: string): Promise<Tracker & { isChange: boolean }> {
    const tracker = aTracker(files);
    return { ...tracker, isChange: await tracker.tracks.announce() };
  }

  /** No tracker with these files has announced them for 20 s. */
  const stopped = (files: string) => redis.del(`k8sta:tracks:live:${files}`);
  /** None has for ten minutes. */
  const forgotten = (files: string) => redis.del(`k8sta:tracks:live:${files}`, `k8sta:tracks:ran:${files}`);

  it('only the one that started last with new files saves, before the other has noticed it', async () => {
    const old = await started('old');
    assert.equal(await old.save(1), true);
    const next = await started('new');
    assert.deepEqual([old.isChange, next.isChange], [true, true]);
    assert.equal(old.tracks.isCurrent(), true, 'it has not looked');
    await assert.rejects(old.save(2), OtherTracks);
    await assert.rejects(old.store.postpone('storefront', 'save 1', 1), OtherTracks);
    assert.deepEqual(await next.store.due(499), [], 'no timer of a refused save');
    assert.equal(old.tracks.isCurrent(), false);
    assert.equal(await next.save(2), true);
    assert.equal((await next.store.load('storefront'))?.version, 2);
  });

  it('a displaced one says so once in the log, and in its readiness', async () => {
    const old = await started('old');
    await started('new');
    assert.equal(old.tracks.notice(), undefined);
    await assert.rejects(old.save(1), OtherTracks);
    await assert.rejects(old.save(1), OtherTracks);
    await old.tracks.announce();
    assert.deepEqual(
      logged.filter((line) => /^old: other/.test(line)),
      ['old: other tracks files are current, this tracker does not decide'],
    );
    const { since, ...notice } = /(?<what>.*) since (?<since>.*)/.exec(old.tracks.notice() ?? '')?.groups ?? {};
    assert.deepEqual(notice, { what: 'this tracker has the tracks files old and decides nothing: new are current' });
    assert.equal(since, new Date(0).toISOString());
  });

  it('a message that concerns none of its Tracks is not its own to acknowledge', async () => {
    const old = await started('old');
    assert.equal(await old.tracks.confirm(), true);
    await started('new');
    assert.equal(await old.tracks.confirm(), false);
    assert.equal(old.tracks.isCurrent(), false);
  });

  it('with the same files both decide', async () => {
    const [one, other] = [await started('same'), await started('same')];
    assert.equal(other.isChange, false);
    assert.equal(await one.save(1), true);
    assert.equal(await other.save(2), true);
    assert.equal(await one.save(3), true);
  });

  it('a pod of the old version that restarts during the update changes nothing', async () => {
    await started('old');
    await started('new');
    const restarted = await started('old');
    assert.deepEqual([restarted.isChange, restarted.tracks.isCurrent()], [false, false]);
    await assert.rejects(restarted.save(1), OtherTracks);
  });

  it('the old files are current again when the update is undone: once no tracker with the new ones is left', async () => {
    const old = await started('old');
    const next = await started('new');
    await old.tracks.announce();
    await next.tracks.announce();
    assert.equal(await old.tracks.announce(), false);
    await stopped('new');
    assert.equal(await old.tracks.announce(), true);
    assert.equal(await old.save(1), true);
    await next.tracks.announce();
    assert.equal(next.tracks.isCurrent(), false, 'it runs, but it did not start');
  });

  it('is missed soon after it shut down, unless another one has its files', async () => {
    const [one, other] = [await started('same'), await started('same')];
    const left = () => redis.pttl('k8sta:tracks:live:same');
    assert.ok((await left()) > 15_000);
    await one.tracks.leave();
    assert.ok((await left()) <= 7_000);
    await other.tracks.announce();
    assert.ok((await left()) > 15_000);
  });

  it('old files that start long after the update are new again', async () => {
    await started('old');
    await started('new');
    await forgotten('old');
    assert.equal((await started('old')).isChange, true);
  });

  it('after a loss of Redis the first save sets the current files, and the next announcement since when', async () => {
    const next = await started('new');
    await redis.flushall();
    assert.equal(await next.tracks.confirm(), true);
    assert.equal(await next.save(1), true);
    const other = aTracker('old');
    await assert.rejects(other.save(2), OtherTracks);
    assert.equal(await next.tracks.announce(), false);
    assert.equal(await redis.hget('k8sta:tracks', 'files'), 'new');
    await other.tracks.announce();
    assert.equal(await next.tracks.confirm(), false, 'a start with files that Redis does not know');
  });

  it('after a loss of Redis one that waits is not the first to set them, but does so if no other is left', async () => {
    const old = await started('old');
    const next = await started('new');
    for (const set of [() => next.save(1), () => next.tracks.announce()]) {
      await old.tracks.announce();
      await redis.flushall();
      assert.equal(await old.tracks.announce(), false);
      assert.equal(old.tracks.isCurrent(), false);
      await set();
      assert.equal(await old.tracks.announce(), false, 'the others are known to be there');
      assert.equal(await redis.hget('k8sta:tracks', 'files'), 'new');
      await redis.flushall();
      await next.tracks.announce();
    }
    await redis.flushall();
    assert.equal(await old.tracks.announce(), false);
    await stopped('');
    assert.equal(await old.tracks.announce(), true);
  });

  it('restores what Redis lost, whatever files it has', async () => {
    const old = await started('old');
    await old.save(1);
    const document = await old.store.load('storefront');
    await started('new');
    await redis.del('k8sta:track:storefront');
    assert.ok(document && (await old.store.restore(document, '')));
    assert.equal((await old.store.load('storefront'))?.version, 1);
    assert.deepEqual(await old.store.due(0), ['storefront']);
  });

  it('keeps nothing in Redis that does not expire but the current fingerprint', async () => {
    for (const files of ['a', 'b', 'c']) await started(files);
    const keys = (await redis.keys('k8sta:tracks:*')).sort();
    for (const key of keys) assert.ok((await redis.pttl(key)) > 0, key);
    assert.equal(keys.length, 6);
  });
});
