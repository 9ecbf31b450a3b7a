import assert from 'node:assert/strict';
import { natsUsers, natsUsersFile, passwordVariable } from '@k8sta/contracts';
import { type NatsServer, startNats } from '@k8sta/sandbox';
import { connect, type NatsConnection } from 'nats';
import { ensureStreams, untilStreams } from './ensure.js';
import type { Log } from './log.js';

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
