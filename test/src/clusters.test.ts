import assert from 'node:assert/strict';
import {
  admin,
  type NatsCluster,
  type RedisCluster,
  type RedisServer,
  startNatsCluster,
  startRedisCluster,
} from '@k8sta/sandbox';
import { connect } from 'nats';
import { assertAsIfNothingHappened, assertOneCommitEach } from './as-if-nothing-happened.js';
import { quickToTakeOver, startTestSystem, type TestSystem } from './test-system.js';
import { startThreeOfEach } from './three-of-each.js';

const replicated = { K8STA_STREAM_REPLICAS: '3' };
const environment = Object.fromEntries(
  Object.entries(quickToTakeOver).map(([name, quick]) => [name, { ...quick, ...replicated }]),
);

/** A new leader of NATS is elected four to nine seconds after the old one is gone. */
describe('on a NATS cluster and a Redis Cluster, with three of each service', function () {
  this.timeout(150_000);
  let railway: TestSystem;
  let nats: NatsCluster;
  let redis: RedisCluster;

  before(async () => {
    const startNats = async () => {
      nats = await startNatsCluster();
      return nats;
    };
    const startRedis = async () => {
      redis = await startRedisCluster({ replicated: true });
      return redis;
    };
    railway = await startTestSystem({ environment, startNats, startRedis, deadline: '2m' });
    await startThreeOfEach(railway);
  });
  after(() => railway?.stop());

  it('every stream, bucket and durable has three copies', async () => {
    const connection = await connect(nats.as(admin));
    try {
      const manager = await connection.jetstreamManager();
      const found = await manager.streams.list().next();
      const durables = await Promise.all(found.map(({ config }) => manager.consumers.list(config.name).next()));
      const copies = [...found, ...durables.flat()].map(({ cluster }) => 1 + (cluster?.replicas?.length ?? 0));
      assert.ok(found.length >= 6 && copies.length > 15, `${found.length}, ${copies.length}`);
      // The consumer of the tap is in memory.
      assert.deepEqual(
        copies.filter((count) => count !== 3 && count !== 1),
        [],
      );
    } finally {
      await connection.close();
    }
  });

  const keysOf = async (node: RedisServer): Promise<string[]> => {
    const client = redis.clientOf(node);
    try {
      return await client.keys('*');
    } finally {
      client.disconnect();
    }
  };

  it('a Ticket is completed as any other, though the Redis primary with its Track dies', async () => {
    const ticket = await railway.pushUntilAccepted('2.0.1');
    await railway.tap.find('ticket.arrived', ({ data }) => data.ticket === ticket && data.station === 'dev');
    const primaries = redis.nodes.slice(0, 3);
    const held = await Promise.all(primaries.map(keysOf));
    const at = held.findIndex((keys) => keys.some((key) => key.endsWith(':track:storefront')));
    await primaries[at]?.kill();
    await railway.tap.completed(ticket, 60_000);
    await assertAsIfNothingHappened(railway, ticket);
    await primaries[at]?.restart();
    assert.ok(held.filter((keys) => keys.length > 0).length > 1, 'the keys are on several nodes');
  });

  for (const [at, stream] of ['K8STA', 'KV_K8STA_STATE'].entries()) {
    it(`a Ticket is completed, with one commit for each Station, though the NATS node that leads ${stream} dies`, async () => {
      const ticket = await railway.pushUntilAccepted(`2.1.${at + 1}`);
      await railway.tap.find('promotion.requested', ({ data }) => data.ticket === ticket);
      const leader = await nats.leaderOf(stream);
      await leader.kill();
      await railway.tap.completed(ticket, 100_000);
      await assertOneCommitEach(railway, ticket);
      await leader.restart();
    });
  }
});
