import assert from 'node:assert/strict';
import { type Bus, connectBus } from '@k8sta/bus';
import { everyUse, stateKey } from '@k8sta/contracts';
import { type NatsServer, type RedisServer, startNats, startRedis } from '@k8sta/sandbox';
import { Redis } from 'ioredis';
import { emptyTrack } from '../ride/state.js';
import { NewerDocument, type TrackDocument } from './document.js';
import { settingFaults } from './redis-settings.js';
import { redisStore } from './redis-store.js';
import { keepTracks, LostSave, type TrackKeeper } from './track-keeper.js';
import type { TrackStore } from './track-store.js';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** A document whose state says which version it is, and which tells one refresh. */
function aDocument(version: number): TrackDocument {
  const at = new Date(version).toISOString();
  return {
    format: 1,
    version,
    saves: Array.from({ length: version }, (_, at) => `save ${at + 1}`),
    state: { ...emptyTrack('storefront'), currentAsOf: { default: at } },
    told: {
      tickets: [],
      forgotten: [],
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
    store = redisStore(redis);
    restored = [];
    keeper = keepTracks(store, bus, (track) => restored.push(track));
  });
  afterEach(async () => {
    redis.disconnect();
    await bus.close();
    await others.close();
    await Promise.all([nats.stop(), server.stop()]);
  });

  const wasTold = async (version: number): Promise<boolean> =>
    (await others.last('application.refresh', { instance: 'default', namespace: 'argocd', name: `v${version}` })) !==
    undefined;

  it('saves, tells and loads', async () => {
    assert.equal(await keeper.load('storefront'), undefined);
    assert.equal(await keeper.save(aDocument(1), 0, undefined), true);
    assert.deepEqual(await keeper.load('storefront'), aDocument(1));
    assert.ok(await wasTold(1));
    assert.equal((await bus.state.get(stateKey.track('storefront')))?.value, JSON.stringify(aDocument(1)));
  });

  it('lets one of two savers win, and nothing of the other is told', async () => {
    await keeper.save(aDocument(1), 0, undefined);
    const saves = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        keeper.save({ ...aDocument(2), saves: [`save ${at}`], told: aDocument(100 + at).told }, 1, undefined),
      ),
    );
    assert.equal(saves.filter(Boolean).length, 1);
    const told = await Promise.all(saves.map((_, at) => wasTold(100 + at)));
    assert.deepEqual(told, saves);
  });

  it('tells what was saved by somebody who died before telling it', async () => {
    await store.save('storefront', aDocument(1), 0, undefined);
    assert.equal(await wasTold(1), false);
    await keeper.load('storefront');
    assert.ok(await wasTold(1));
    assert.ok(await bus.state.get(stateKey.track('storefront')));
  });

  it('restores a Track that Redis has lost', async () => {
    await keeper.save(aDocument(1), 0, undefined);
    await redis.flushall();
    assert.deepEqual(await keeper.load('storefront'), aDocument(1));
    assert.deepEqual(restored, ['storefront']);
    assert.deepEqual(await store.load('storefront'), aDocument(1));
    assert.deepEqual(await store.due(1), ['storefront'], 'it is woken, since its timer was lost as well');
  });

  it('restores a Track that Redis has an older version of', async () => {
    await keeper.save(aDocument(1), 0, undefined);
    const dump = await redis.dumpBuffer('k8sta:track:storefront');
    await keeper.save(aDocument(2), 1, undefined);
    await redis.restore('k8sta:track:storefront', 0, dump, 'REPLACE');
    assert.equal((await store.load('storefront'))?.version, 1);
    assert.deepEqual(await keeper.load('storefront'), aDocument(2));
  });

  it('tells nothing of a save that a failover of Redis has lost, while another tracker has gone on', async () => {
    await keeper.save(aDocument(1), 0, undefined);
    const lost = keepTracks({ ...store, save: async () => true }, bus, () => {});
    const other = { ...aDocument(2), saves: ['save 1', 'of another tracker'], told: aDocument(200).told };
    assert.equal(await keeper.save(other, 1, undefined), true);
    await assert.rejects(lost.save(aDocument(2), 1, undefined), LostSave);
    assert.equal(await wasTold(2), false);
    await keeper.save({ ...aDocument(3), saves: [...other.saves, 'save 3'] }, 2, undefined);
    await assert.rejects(lost.save(aDocument(2), 1, undefined), LostSave, 'also when it has gone on further');
  });

  it('leaves a document of a newer version of the service alone', async () => {
    await redis.hset('k8sta:track:storefront', 'version', 7, 'document', JSON.stringify({ format: 2, version: 7 }));
    await assert.rejects(keeper.load('storefront'), NewerDocument);
  });

  it('wakes what is due, in one step with the save', async () => {
    await store.save('storefront', aDocument(1), 0, 500);
    assert.deepEqual(await store.due(499), []);
    assert.deepEqual(await store.due(500), ['storefront']);
    await store.save('storefront', aDocument(2), 0, 100);
    assert.deepEqual(await store.due(499), [], 'a save that lost sets no timer');
    await store.postpone('storefront', 1, undefined);
    assert.deepEqual(await store.due(1000), []);
  });

  it('says which settings of Redis could lose a Ticket', async () => {
    assert.deepEqual(await settingFaults(redis), []);
    await redis.config('SET', 'appendfsync', 'everysec');
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    assert.deepEqual(
      (await settingFaults(redis)).map((fault) => fault.split(',')[0]),
      ['Redis has appendfsync everysec', 'Redis has maxmemory-policy allkeys-lru'],
    );
  });
});
