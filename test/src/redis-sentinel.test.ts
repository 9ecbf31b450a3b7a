import assert from 'node:assert/strict';
import { type RedisSentinel, startRedisSentinel } from '@k8sta/sandbox';
import { assertAsIfNothingHappened } from './as-if-nothing-happened.js';
import { quickToTakeOver, startTestSystem, type TestSystem } from './test-system.js';
import { startThreeOfEach } from './three-of-each.js';

describe('on a Redis with Sentinels, with three of each service', function () {
  this.timeout(120_000);
  let railway: TestSystem;
  let redis: RedisSentinel;
  const trackerLog: string[] = [];

  before(async () => {
    const startRedis = async () => {
      redis = await startRedisSentinel();
      return redis;
    };
    const onLine = (line: string) => void trackerLog.push(line);
    railway = await startTestSystem({ environment: quickToTakeOver, startRedis, deadline: '1m', onLine });
    await startThreeOfEach(railway);
  });
  after(() => railway?.stop());

  const versionIn = async (): Promise<number> => {
    const client = redis.client();
    try {
      const document = await client.hget('k8sta:track:storefront', 'document');
      return document === null ? 0 : (JSON.parse(document) as { version: number }).version;
    } finally {
      client.disconnect();
    }
  };

  it('a Ticket is completed as any other, though the primary dies', async () => {
    const ticket = await railway.pushUntilAccepted('2.0.1');
    await railway.tap.find('ticket.arrived', ({ data }) => data.ticket === ticket && data.station === 'dev');
    const primary = await redis.primary();
    await primary.kill();
    await railway.tap.completed(ticket, 60_000);
    assert.notEqual((await redis.primary()).port, primary.port);
    await assertAsIfNothingHappened(railway, ticket);
    await primary.restart();
  });

  it('nothing of the past is decided again if the new primary lacks the last saves', async () => {
    const ticket = await railway.pushUntilAccepted('2.0.2');
    await railway.tap.find('ticket.arrived', ({ data }) => data.ticket === ticket && data.station === 'dev');
    const primary = await redis.primary();
    await redis.stopReplication();
    await railway.tap.find('ticket.arrived', ({ data }) => data.ticket === ticket && data.station === 'stage');
    const version = await versionIn();
    await primary.kill();
    await railway.tap.completed(ticket, 60_000);
    await assertAsIfNothingHappened(railway, ticket);
    assert.ok((await versionIn()) > version);
    assert.ok(
      trackerLog.some((line) => line.includes('restored from the state bucket')),
      'the failover has lost saves',
    );
  });
});
