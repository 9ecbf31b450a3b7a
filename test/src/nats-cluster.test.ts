import assert from 'node:assert/strict';
import { admin, type NatsCluster, startNatsCluster } from '@k8sta/sandbox';
import { connect } from 'nats';
import { assertOneCommitEach } from './as-if-nothing-happened.js';
import { startThreeOfEach } from './clusters.js';
import { quickToTakeOver, startTestSystem, type TestSystem } from './test-system.js';

const replicated = { K8STA_STREAM_REPLICAS: '3' };
const environment = Object.fromEntries(
  Object.entries(quickToTakeOver).map(([name, quick]) => [name, { ...quick, ...replicated }]),
);

/** A new leader is elected four to nine seconds after the old one is gone. */
describe('on a NATS cluster, with three of each service', function () {
  this.timeout(150_000);
  let railway: TestSystem;
  let nats: NatsCluster;

  before(async () => {
    const startNats = async () => {
      nats = await startNatsCluster();
      return nats;
    };
    railway = await startTestSystem({ environment, startNats, deadline: '2m' });
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

  for (const [at, stream] of ['K8STA', 'KV_K8STA_STATE'].entries()) {
    it(`a Ticket is completed, with one commit for each Station, though the node that leads ${stream} dies`, async () => {
      const ticket = await railway.pushUntilAccepted(`2.0.${at + 1}`);
      await railway.tap.find('promotion.requested', ({ data }) => data.ticket === ticket);
      const leader = await nats.leaderOf(stream);
      await leader.kill();
      await railway.tap.completed(ticket, 100_000);
      await assertOneCommitEach(railway, ticket);
      await leader.restart();
    });
  }
});
