import assert from 'node:assert/strict';
import { noticeBucket, stateBucket, streams } from '@k8sta/contracts';
import { admin, type NatsCluster, startNatsCluster, until } from '@k8sta/sandbox';
import { connect, type NatsConnection, StringCodec } from 'nats';
import { streamsFor } from './ensure.js';
import { follow } from './follow.js';
import { openState } from './state.js';

const text = StringCodec();

describe('on a cluster of NATS servers', function () {
  this.timeout(120_000);
  let nats: NatsCluster;
  let connection: NatsConnection;

  before(async () => {
    nats = await startNatsCluster();
    connection = await connect({ ...nats.as(admin), maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  });
  after(async () => {
    await connection?.close();
    await nats?.stop();
  });

  it('streams and buckets that have fewer copies than wanted get more, and none is taken away', async () => {
    const manager = await connection.jetstreamManager();
    const names = [...streams.map(({ name }) => name), `KV_${stateBucket}`, `KV_${noticeBucket}`];
    const copiesOf = (name: string) =>
      // A stream has no leader for a moment after its number of copies has changed.
      until(
        () =>
          manager.streams.info(name).then(
            ({ config }) => config.num_replicas,
            () => undefined,
          ),
        {
          what: `an answer about ${name}`,
          deadlineMs: 30_000,
        },
      );
    const copies = async () => [...new Set(await Promise.all(names.map(copiesOf)))];
    await streamsFor(manager, true, { replicas: 1 }).ensure();
    const one = openState(connection.jetstream(), manager);
    await one.replace('track.storefront', 'kept', 0);
    assert.deepEqual(await copies(), [1]);
    await streamsFor(manager, true, { replicas: 3 }).ensure();
    assert.deepEqual(await copies(), [3]);
    await streamsFor(manager, true, { replicas: 1 }).ensure();
    assert.deepEqual(await copies(), [3]);
    assert.equal((await one.get('track.storefront'))?.value, 'kept');
  });

  it('a stream is followed without a gap though the node with the consumer dies', async () => {
    const jetstream = connection.jetstream();
    const manager = await connection.jetstreamManager();
    const subject = (at: number) => `k8sta.ticket.track-${at}.opened`;
    const stored = async (at: number) =>
      until(() => jetstream.publish(subject(at), text.encode('{}')).catch(() => undefined), {
        what: 'a message being stored',
        deadlineMs: 60_000,
      });
    const heard: string[] = [];
    const following = await follow(connection, 'K8STA', {}, ({ subject }) => void heard.push(subject));
    await stored(1);
    await until(() => heard.length === 1, { what: 'the first message' });
    const [consumer] = await manager.consumers.list('K8STA').next();
    const leader = nats.nodes[['a', 'b', 'c'].indexOf(consumer?.cluster?.leader ?? '')];
    assert.ok(leader);
    await leader.kill();
    await stored(2);
    await until(() => heard.length > 1, { what: 'the second message', deadlineMs: 60_000 });
    following.stop();
    assert.deepEqual(heard, [1, 2].map(subject));
    await leader.restart();
  });
});
