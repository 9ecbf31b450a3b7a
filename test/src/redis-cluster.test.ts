import assert from 'node:assert/strict';
import { type RedisCluster, type RedisServer, startRedisCluster } from '@k8sta/sandbox';
import { assertAsIfNothingHappened } from './as-if-nothing-happened.js';
import { startThreeOfEach } from './clusters.js';
import { quickToTakeOver, startTestSystem, type TestSystem } from './test-system.js';

describe('on a Redis Cluster, with three of each service', function () {
  this.timeout(120_000);
  let railway: TestSystem;
  let redis: RedisCluster;

  before(async () => {
    const startRedis = async () => {
      redis = await startRedisCluster({ replicated: true });
      return redis;
    };
    railway = await startTestSystem({ environment: quickToTakeOver, startRedis, deadline: '1m' });
    await startThreeOfEach(railway);
  });
  after(() => railway?.stop());

  const keysOf = async (node: RedisServer): Promise<string[]> => {
    const client = redis.clientOf(node);
    try {
      return await client.keys('*');
    } finally {
      client.disconnect();
    }
  };

  it('a Ticket is completed as any other, though the primary with its Track dies', async () => {
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
});
