import assert from 'node:assert/strict';
import { noticeBucket, stateBucket } from '@k8sta/contracts';
import { admin, type DeployedNats, startDeployedNats, startNats } from '@k8sta/sandbox';
import { AckPolicy, connect, type NatsConnection } from 'nats';
import { MissingStreams, orMissing, streamsFor, untilStreams } from './ensure.js';
import type { Log } from './log.js';

describe('the stream of deliveries', () => {
  it('drops its oldest messages, and uses only its share of the store', async () => {
    const nats = await startNats();
    const connection = await connect({ servers: nats.url });
    try {
      const manager = await connection.jetstreamManager();
      await streamsFor(manager, true, { replicas: 1 }).ensure();
      const { config } = await manager.streams.info('K8STA_DELIVERIES');
      assert.deepEqual([config.max_bytes, config.discard], [256 * 1024 * 1024, 'old']);
      // With a smaller share, so that the test writes little.
      await manager.streams.update('K8STA_DELIVERIES', { ...config, max_bytes: 100_000 });
      const body = new Uint8Array(40_000);
      for (let count = 0; count < 4; count++) await connection.jetstream().publish('k8sta.delivery.x.received', body);
      const { state } = await manager.streams.info('K8STA_DELIVERIES');
      assert.deepEqual([state.first_seq, state.last_seq], [3, 4]);
    } finally {
      await connection.close();
      await nats.stop();
    }
  });
});

describe('if only the tracker may create streams', () => {
  let nats: DeployedNats;
  const connections: NatsConnection[] = [];

  before(async () => {
    nats = await startDeployedNats();
  });
  after(async () => {
    for (const connection of connections) await connection.close();
    await nats.stop();
  });

  const managerOf = async (user: string) => {
    const connection = await connect(nats.as(user));
    connections.push(connection);
    return connection.jetstreamManager();
  };

  it('another service waits for them, leaves them unchanged, and never tries to create them', async () => {
    const manager = await managerOf('tracker');
    const [ingest, tracker] = [
      streamsFor(await managerOf('ingest'), false, { replicas: 1 }),
      streamsFor(manager, true, { replicas: 1 }),
    ];
    await assert.rejects(ingest.ensure(), MissingStreams);
    let created: Promise<void> | undefined;
    const log: Log = {
      debug() {},
      warn() {},
      error() {},
      info: () => {
        created ??= tracker.ensure();
      },
    };
    await untilStreams(ingest, log);
    await created;
    const { config } = await manager.streams.info('K8STA');
    await manager.streams.update('K8STA', { ...config, description: 'as another version has it' });
    await ingest.ensure();
    assert.equal((await manager.streams.info('K8STA')).config.description, 'as another version has it');
    await tracker.ensure();
    assert.equal((await manager.streams.info('K8STA')).config.description, config.description);
    assert.deepEqual(nats.refusals.list(), []);
  });

  it('creates the buckets before the streams, so that who waits for the streams can read them', async () => {
    const manager = await managerOf('tracker');
    await streamsFor(manager, true, { replicas: 1 }).ensure();
    const createdAt = async (name: string) => (await manager.streams.info(name)).created.slice(0, -1).padEnd(29, '0');
    const first = await createdAt('K8STA');
    for (const bucket of [stateBucket, noticeBucket]) assert.ok((await createdAt(`KV_${bucket}`)) < first, bucket);
  });

  it('creates a deleted stream again, which keeps its messages', async () => {
    const manager = await managerOf('tracker');
    const streams = streamsFor(manager, true, { replicas: 1 });
    await streams.ensure();
    const somebody = await connect(nats.as(admin));
    connections.push(somebody);
    const others = await somebody.jetstreamManager();
    const jetstream = manager.jetstream();
    // Their files take the server some time.
    for (let count = 0; count < 100; count++) {
      const config = { durable_name: `durable-${count}`, ack_policy: AckPolicy.Explicit };
      await Promise.all([
        others.consumers.add('K8STA', config),
        jetstream.publish(`k8sta.ticket.track-${count}.opened`, new Uint8Array(2_000)),
      ]);
    }
    const deleted = others.streams.delete('K8STA');
    while (await orMissing(manager.streams.info('K8STA')));
    await streams.ensure();
    await deleted;
    const { seq } = await jetstream.publish('k8sta.ticket.storefront.opened', 'kept');
    assert.equal((await others.streams.getMessage('K8STA', { seq })).string(), 'kept');
  });
});
