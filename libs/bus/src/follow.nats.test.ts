import assert from 'node:assert/strict';
import { type NatsServer, startNats, until } from '@k8sta/sandbox';
import { connect, DeliverPolicy, type NatsConnection } from 'nats';
import { streamsFor } from './ensure.js';
import { follow } from './follow.js';

describe('a stream that is followed', () => {
  let nats: NatsServer;
  let connection: NatsConnection;

  before(async () => {
    nats = await startNats();
    connection = await connect({ servers: nats.url, maxReconnectAttempts: -1, reconnectTimeWait: 20 });
    await streamsFor(await connection.jetstreamManager(), true, { replicas: 1 }).ensure();
  });
  after(async () => {
    await connection.close();
    await nats.stop();
  });

  const subject = (at: number) => `k8sta.ticket.track-${at}.opened`;
  const stored = (at: number) =>
    until(
      () =>
        connection
          .jetstream()
          .publish(subject(at), '{}', { msgID: `${at}`, timeout: 1_000 })
          .catch(() => undefined),
      { what: 'a message being stored' },
    );

  it('leaves no timer behind when somebody else closes its connection', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length;
    const afterClose = async (use: (lent: NatsConnection) => Promise<unknown>) => {
      const lent = await connect({ servers: nats.url });
      await use(lent);
      await lent.close();
      return timers();
    };
    const others = await afterClose((lent) => lent.flush());
    assert.equal(await afterClose((lent) => follow(lent, 'K8STA', {}, () => {})), others);
  });

  it('is heard without a gap and without a repeat, however often nats-server is killed', async () => {
    const heard: string[] = [];
    const following = await follow(connection, 'K8STA', {}, (message) => void heard.push(message.subject));
    const numbers = Array.from({ length: 8 }, (_, at) => at);
    for (const at of numbers) {
      await stored(at);
      // Half of the kills come before the message is heard.
      if (at % 2 === 0) await until(() => heard.length === at + 1, { deadlineMs: 30_000 });
      await nats.kill();
      await nats.restart();
    }
    await until(() => heard.length >= numbers.length, { deadlineMs: 30_000 });
    following.stop();
    assert.deepEqual(heard, numbers.map(subject));
  });

  it('is followed by one consumer, however often the client has connected again', async () => {
    const heard: string[] = [];
    const from = { deliver_policy: DeliverPolicy.New };
    const following = await follow(connection, 'K8STA', from, (message) => void heard.push(message.subject));
    const manager = await connection.jetstreamManager();
    const asked = async () => {
      const all = await manager.consumers.list('K8STA').next();
      return all.filter(({ num_waiting }) => num_waiting > 0).length;
    };
    for (const at of [100, 101, 102]) {
      await nats.kill();
      await nats.restart();
      await stored(at);
      await until(() => heard.at(-1) === subject(at), { what: 'the message', deadlineMs: 30_000 });
    }
    await until(async () => (await asked()) === 1, { what: 'a single consumer', deadlineMs: 5_000 });
    following.stop();
    // Its last request ends after five seconds.
    await until(async () => (await asked()) === 0, { what: 'no consumer', deadlineMs: 15_000 });
  });
});
