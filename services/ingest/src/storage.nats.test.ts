import assert from 'node:assert/strict';
import { type Bus, connectBus, type Log } from '@k8sta/bus';
import { everyUse } from '@k8sta/contracts';
import { type NatsServer, startNats } from '@k8sta/sandbox';
import { connect, type NatsConnection } from 'nats';
import type { Received } from './opens.js';
import { NotStored, Storage } from './storage.js';

const log: Log = { debug() {}, info() {}, warn() {}, error() {} };
const mebibyte = 1024 * 1024;

describe('Storage, on a JetStream that is full', () => {
  let nats: NatsServer;
  let bus: Bus;
  let others: Bus;
  let connection: NatsConnection;

  before(async () => {
    // The smallest that is possible: the stream of deliveries reserves 256 MiB of it.
    nats = await startNats({ config: 'jetstream { max_file_store: 257MiB }' });
    // Only the tracker creates the streams; ingest waits for them.
    others = await connectBus({ service: 'tracker', uses: everyUse, log, connection: { servers: nats.url } });
    bus = await connectBus({ service: 'ingest', log, connection: { servers: nats.url } });
    connection = await connect({ servers: nats.url });
  });
  after(async () => {
    await connection.close();
    await bus.close();
    await others.close();
    await nats.stop();
  });

  it('refuses a webhook, is not ready, and becomes ready once there is room', async () => {
    const manager = await connection.jetstreamManager();
    await manager.streams.add({ name: 'FULL', subjects: ['full'] });
    const fill = async () => {
      for (;;) await connection.jetstream().publish('full', new Uint8Array(mebibyte / 2));
    };
    await assert.rejects(fill(), { code: '503' });
    const received: Received = {
      type: 'delivery.received',
      id: 'delivery.received/dockerhub/d1',
      data: {
        ...{ sender: 'dockerhub', delivery: 'd1', receivedAt: '2026-01-02T03:05:00.000Z' },
        ...{ contentType: 'application/json', body: '{}' },
      },
    };
    const storage = new Storage({ bus, withinMs: 5_000, bodyLimit: mebibyte / 2, now: () => new Date() });
    await assert.rejects(storage.store(received, []), new NotStored('insufficient resources'));
    await assert.rejects(storage.check(), { message: 'JetStream does not store events: insufficient resources' });
    await manager.streams.purge('FULL');
    await storage.check();
    const kept = await others.since('delivery.received', { sender: 'dockerhub' }, new Date(0));
    assert.deepEqual(
      kept.map(({ data }) => data.delivery),
      ['d1'],
    );
  });
});
