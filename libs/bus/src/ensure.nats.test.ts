import assert from 'node:assert/strict';
import { type DeployedNats, startDeployedNats } from '@k8sta/sandbox';
import { connect, type NatsConnection } from 'nats';
import { MissingStreams, streamsFor, untilStreams } from './ensure.js';
import type { Log } from './log.js';

describe('where only the tracker may create streams', () => {
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

  it('another service waits until it has, leaves them as they are, and never tries what it may not', async () => {
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
});
