import assert from 'node:assert/strict';
import { natsUsers, natsUsersFile, passwordVariable } from '@k8sta/contracts';
import { type NatsServer, startNats } from '@k8sta/sandbox';
import { connect, type NatsConnection } from 'nats';
import { ensureStreams, untilStreams } from './ensure.js';
import type { Log } from './log.js';

describe('the stream of deliveries', () => {
  it('drops its oldest messages, and takes no more of the store than its share', async () => {
    const nats = await startNats();
    const connection = await connect({ servers: nats.url });
    try {
      const manager = await connection.jetstreamManager();
      await ensureStreams(manager, { replicas: 1 });
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

describe('where only the tracker may create streams', () => {
  let nats: NatsServer;
  const connections: NatsConnection[] = [];

  before(async () => {
    const passwords = Object.keys(natsUsers).map((user) => `${passwordVariable(user)}: "${user}"\n`);
    nats = await startNats({ config: natsUsersFile(passwords.join('')) });
  });
  after(async () => {
    for (const connection of connections) await connection.close();
    await nats.stop();
  });

  const managerOf = async (user: string) => {
    const connection = await connect({ servers: nats.url, user, pass: user, inboxPrefix: `_INBOX_${user}` });
    connections.push(connection);
    return connection.jetstreamManager();
  };

  it('another service waits until it has, and leaves them as they are', async () => {
    const [ingest, tracker] = [await managerOf('ingest'), await managerOf('tracker')];
    await assert.rejects(ensureStreams(ingest, { replicas: 1 }), /Permissions Violation/);
    let created: Promise<void> | undefined;
    const log: Log = {
      debug() {},
      info() {},
      error() {},
      warn: () => {
        created ??= ensureStreams(tracker, { replicas: 1 });
      },
    };
    await untilStreams(ingest, { replicas: 1 }, log);
    await created;
    const { config } = await tracker.streams.info('K8STA');
    await tracker.streams.update('K8STA', { ...config, description: 'as another version has it' });
    await ensureStreams(ingest, { replicas: 1 });
    assert.equal((await tracker.streams.info('K8STA')).config.description, 'as another version has it');
    await ensureStreams(tracker, { replicas: 1 });
    assert.equal((await tracker.streams.info('K8STA')).config.description, config.description);
  });
});
