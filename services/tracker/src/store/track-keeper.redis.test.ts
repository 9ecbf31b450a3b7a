import assert from 'node:assert/strict';
import { type Bus, connectBus } from '@k8sta/bus';
import { everyUse, stateKey } from '@k8sta/contracts';
import { type NatsServer, type RedisServer, startNats, startRedis } from '@k8sta/sandbox';
import { Redis } from 'ioredis';
import { emptyTrack } from '../ride/state.js';
import { currentTracks } from './current-tracks.js';
import { NewerDocument, type TrackDocument } from './document.js';
import { settingFaults } from './redis-settings.js';
import { redisStore } from './redis-store.js';
import { keepTracks, LostSave, type TrackKeeper } from './track-keeper.js';
import type { Save, TrackStore } from './track-store.js';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** A document whose findings say which version it is, and which publishes one refresh. */
function aDocument(version: number): TrackDocument {
  const at = new Date(version).toISOString();
  return {
    format: 1,
    version,
    saves: Array.from({ length: version }, (_, at) => `save ${at + 1}`),
    state: {
      ...emptyTrack('storefront'),
      findings: [{ station: 'dev', reason: 'NotReady', message: at, holds: false }],
    },
    outbox: {
      tickets: [],
      events: [
        {
          type: 'application.refresh',
          id: `application.refresh/${version}`,
          data: { instance: 'default', namespace: 'argocd', name: `v${version}`, message: 'test', requestedAt: at },
        },
      ],
    },
  };
}

/** A save on top of another one. */
function aSave(document: TrackDocument, expected: string, change: Partial<Save> = {}): Save {
  return { document, expected, dueAt: undefined, ended: [], at: 1_000, ...change };
}

describe('a Track in Redis and in the state bucket', () => {
  let nats: NatsServer;
  let server: RedisServer;
  let bus: Bus;
  /** Everybody else on the bus. */
  let others: Bus;
  let redis: Redis;
  let store: TrackStore;
  let restored: string[];
  let keeper: TrackKeeper;

  beforeEach(async () => {
    [nats, server] = await Promise.all([startNats(), startRedis()]);
    bus = await connectBus({ service: 'tracker', connection: { servers: nats.url }, log: quiet });
    others = await connectBus({ service: 'tracker', uses: everyUse, connection: { servers: nats.url }, log: quiet });
    redis = new Redis(server.url);
    store = redisStore(
      redis,
      currentTracks(redis, 'files', quiet, () => new Date()),
    );
    restored = [];
    keeper = keepTracks(store, bus, (track) => restored.push(track));
  });
  afterEach(async () => {
    redis.disconnect();
    await bus.close();
    await others.close();
    await Promise.all([nats.stop(), server.stop()]);
  });

  const isPublished = async (version: number): Promise<boolean> =>
    (await others.last('application.refresh', { instance: 'default', namespace: 'argocd', name: `v${version}` })) !==
    undefined;

  it('saves, publishes and loads', async () => {
    assert.equal(await keeper.load('storefront'), undefined);
    assert.equal(await keeper.save(aSave(aDocument(1), '')), true);
    assert.deepEqual(await keeper.load('storefront'), aDocument(1));
    assert.ok(await isPublished(1));
    assert.equal((await bus.state.get(stateKey.track('storefront')))?.value, JSON.stringify(aDocument(1)));
  });

  it('saves one of twenty concurrent saves, and publishes nothing of the others', async () => {
    await keeper.save(aSave(aDocument(1), ''));
    const saves = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        keeper.save(aSave({ ...aDocument(2), saves: [`other ${at}`], outbox: aDocument(100 + at).outbox }, 'save 1')),
      ),
    );
    assert.equal(saves.filter(Boolean).length, 1);
    const published = await Promise.all(saves.map((_, at) => isPublished(100 + at)));
    assert.deepEqual(published, saves);
  });

  it('publishes what another tracker saved before it died', async () => {
    await store.save(aSave(aDocument(1), ''));
    assert.equal(await isPublished(1), false);
    await keeper.load('storefront');
    assert.ok(await isPublished(1));
    assert.ok(await bus.state.get(stateKey.track('storefront')));
  });

  it('restores a Track that Redis has lost', async () => {
    await keeper.save(aSave(aDocument(1), ''));
    await redis.flushall();
    assert.deepEqual(await keeper.current('storefront'), aDocument(1));
    assert.deepEqual(restored, ['storefront']);
    assert.deepEqual(await store.load('storefront'), aDocument(1));
    assert.deepEqual(await store.due(1), ['storefront'], 'it is woken, since its timer was lost as well');
  });

  it('restores a Track if Redis has an older version', async () => {
    await keeper.save(aSave(aDocument(1), ''));
    const dump = await redis.dumpBuffer('k8sta:track:storefront');
    await keeper.save(aSave(aDocument(2), 'save 1'));
    await redis.restore('k8sta:track:storefront', 0, dump, 'REPLACE');
    assert.equal((await store.load('storefront'))?.version, 1);
    assert.deepEqual(await keeper.current('storefront'), aDocument(2));
  });

  it('publishes nothing of a save that a failover of Redis lost after another tracker continued', async () => {
    await keeper.save(aSave(aDocument(1), ''));
    const lost = keepTracks({ ...store, save: async () => true }, bus, () => {});
    const other = { ...aDocument(2), saves: ['save 1', 'of another tracker'], outbox: aDocument(200).outbox };
    assert.equal(await keeper.save(aSave(other, 'save 1')), true);
    await assert.rejects(lost.save(aSave(aDocument(2), 'save 1')), LostSave);
    assert.equal(await isPublished(2), false);
    await keeper.save(aSave({ ...aDocument(3), saves: [...other.saves, 'save 3'] }, 'of another tracker'));
    await assert.rejects(lost.save(aSave(aDocument(2), 'save 1')), LostSave, 'also when it has gone on further');
  });

  it('goes on from the copy in the state bucket after its own save on what a failover left', async () => {
    await keeper.save(aSave(aDocument(1), ''));
    const dump = await redis.dumpBuffer('k8sta:track:storefront');
    const published = { ...aDocument(2), saves: ['save 1', 'of another tracker'] };
    await keepTracks(store, bus, () => {}).save(aSave(published, 'save 1'));
    await redis.restore('k8sta:track:storefront', 0, dump, 'REPLACE');
    await assert.rejects(keeper.save(aSave(aDocument(2), 'save 1')), LostSave);
    assert.deepEqual(await keeper.load('storefront'), published);
    assert.deepEqual(restored, ['storefront']);
    const next = { ...aDocument(3), saves: [...published.saves, 'save 3'] };
    assert.equal(await keeper.save(aSave(next, 'of another tracker')), true);
  });

  it('notices at the save, not before, that another tracker has replaced the document in memory', async () => {
    await keeper.save(aSave(aDocument(1), ''));
    const other = keepTracks(store, bus, () => {});
    await other.save(aSave(aDocument(2), 'save 1'));
    assert.equal((await keeper.load('storefront'))?.version, 1, 'no read');
    assert.equal(await keeper.postpone('storefront', 'save 1', 1), false);
    assert.equal((await keeper.load('storefront'))?.version, 2);
    await other.save(aSave(aDocument(3), 'save 2'));
    assert.equal((await keeper.current('storefront'))?.version, 3);
  });

  it('copies a document again after the state bucket was wiped', async () => {
    await keeper.save(aSave(aDocument(1), ''));
    await bus.state.remove(stateKey.track('storefront'));
    await keeper.save(aSave(aDocument(2), 'save 1'));
    assert.equal((await bus.state.get(stateKey.track('storefront')))?.value, JSON.stringify(aDocument(2)));
    await bus.state.remove(stateKey.track('storefront'));
    keeper.distrust();
    await keeper.load('storefront');
    assert.ok(await bus.state.get(stateKey.track('storefront')));
  });

  it('remembers ended Tickets apart from the document, and forgets them by age and by count', async () => {
    await store.save(aSave(aDocument(1), '', { ended: ['a', 'b'], at: 1_000 }));
    await store.save(aSave(aDocument(2), 'save 1', { ended: ['c', 'd'], at: 2_000 }));
    await store.save(aSave(aDocument(2), 'save 1', { ended: ['lost'], at: 2_000 }));
    const remembered = async () => {
      const found = await Promise.all(['a', 'b', 'c', 'd', 'lost'].map((id) => keeper.hasEnded('storefront', id)));
      return found.map(Number).join('');
    };
    assert.equal(await remembered(), '11110');
    assert.deepEqual(
      (await store.endedTickets('storefront')).map(({ id, endedAt }) => `${id} ${endedAt}`),
      ['d 2000', 'c 2000', 'b 1000', 'a 1000'],
    );
    assert.deepEqual(await store.endedTickets('storefront', 1), [{ id: 'd', endedAt: 2_000 }]);
    assert.deepEqual((await store.forgetEnded('storefront', 1_000, 10)).sort(), []);
    assert.deepEqual((await store.forgetEnded('storefront', 1_001, 10)).sort(), ['a', 'b']);
    assert.deepEqual(await store.forgetEnded('storefront', 0, 1), ['c']);
    assert.equal(await remembered(), '00010');
  });

  it('leaves a document of a newer version of the service alone', async () => {
    await redis.hset('k8sta:track:storefront', 'save', 'newer', 'document', JSON.stringify({ format: 2, version: 7 }));
    await assert.rejects(keeper.load('storefront'), NewerDocument);
  });

  it('sets the timer in one step with the save', async () => {
    await store.save(aSave(aDocument(1), '', { dueAt: 500 }));
    assert.deepEqual(await store.due(499), []);
    assert.deepEqual(await store.due(500), ['storefront']);
    await store.save(aSave(aDocument(2), '', { dueAt: 100 }));
    assert.deepEqual(await store.due(499), [], 'a save that lost sets no timer');
    await store.postpone('storefront', 'save 1', undefined);
    assert.deepEqual(await store.due(1000), []);
  });

  it('lists the settings of Redis that could lose a Ticket', async () => {
    assert.deepEqual(await settingFaults(redis), []);
    await redis.config('SET', 'appendfsync', 'everysec');
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    assert.deepEqual(
      (await settingFaults(redis)).map((fault) => fault.split(',')[0]),
      ['Redis has appendfsync everysec', 'Redis has maxmemory-policy allkeys-lru'],
    );
  });
});
