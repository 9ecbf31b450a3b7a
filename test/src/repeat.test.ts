import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { durableOf, services, streams, usesOf } from '@k8sta/contracts';
import { admin, until } from '@k8sta/sandbox';
import fc from 'fast-check';
import { type ConsumerInfo, connect, type JetStreamManager, type NatsConnection } from 'nats';
import { assertOneCommitEach } from './as-if-nothing-happened.js';
import { sharedSystem } from './shared-system.js';
import type { TestSystem } from './test-system.js';

/** The tracker consumes how Tickets go on elsewhere only for Tracks that wait for other Tracks. This one does not. */
const elsewhere = ['ticket.arrived', 'ticket.completed', 'ticket.failed', 'ticket.superseded', 'ticket.cancelled'];

/** The durables that the catalogue declares for the services of the system. */
const due = services
  .filter((service) => service !== 'notifier')
  .flatMap((service) => usesOf(service).consumes.map(({ type }) => ({ service, type })))
  .filter(({ service, type }) => service !== 'tracker' || !elsewhere.includes(type))
  .map(({ service, type }) => durableOf(service, type))
  .sort();

/** Publishes every message of the bus again, in any order and after JetStream's window for duplicates. */
describe('every message again', () => {
  let railway: TestSystem;
  let connection: NatsConnection;
  let manager: JetStreamManager;
  let ticket: string;
  let tip: string;

  before(async () => {
    railway = await sharedSystem('plain');
    connection = await connect(railway.nats.as(admin));
    manager = await connection.jetstreamManager();
    ticket = await railway.pushUntilAccepted('4.0.0');
    await railway.tap.completed(ticket);
    tip = await railway.repository.tip();
  });
  after(async () => {
    await connection?.close();
  });

  for (const seed of [1, 2, 3]) {
    it(`in another order (seed ${seed}), under new message ids: changes nothing`, async () => {
      const messages = [...(await messagesOf('K8STA')), ...(await messagesOf('K8STA_APPLICATIONS'))];
      const anyOrder = fc.shuffledSubarray(messages, { minLength: messages.length });
      const [shuffled = []] = fc.sample(anyOrder, { seed, numRuns: 1 });
      assert.equal(shuffled.length, messages.length);
      const ticketEvents = await countOf('k8sta.ticket.storefront.>');
      const opened = shuffled.filter(({ subject }) => subject.startsWith('k8sta.ticket.')).length;
      const jetstream = connection.jetstream();
      for (const [at, { subject, data }] of shuffled.entries()) {
        await jetstream.publish(subject, data, { msgID: `again/${seed}/${at}` });
      }
      await untilAllIsHandled();
      assert.equal(await railway.repository.tip(), tip);
      assert.equal(
        await countOf('k8sta.ticket.storefront.>'),
        ticketEvents + opened,
        'the tracker publishes nothing new',
      );
    });
  }

  it('from durables that were deleted and made again: changes nothing', async () => {
    const ticketEvents = await countOf('k8sta.ticket.storefront.>');
    const before = new Map((await durables()).map(({ name, created }) => [name, created]));
    for (const { stream_name, name } of await durables()) await manager.consumers.delete(stream_name, name);
    await untilAllIsHandled(({ name, created }) => created !== before.get(name));
    assert.equal(await railway.repository.tip(), tip);
    assert.equal(await countOf('k8sta.ticket.storefront.>'), ticketEvents);
  });

  it('and the next Ticket rides normally', async () => {
    const next = await railway.pushUntilAccepted('4.0.1');
    await railway.tap.completed(next);
    await assertOneCommitEach(railway, next);
    await assertOneCommitEach(railway, ticket);
  });

  async function messagesOf(stream: string): Promise<{ subject: string; data: Uint8Array }[]> {
    const { state } = await manager.streams.info(stream);
    const found = [];
    for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
      const message = await manager.streams.getMessage(stream, { seq }).catch(() => undefined);
      if (message) found.push({ subject: message.subject, data: message.data });
    }
    return found;
  }

  async function countOf(subject: string): Promise<number> {
    const info = await manager.streams.info('K8STA', { subjects_filter: subject });
    return Object.values(info.state.subjects ?? {}).reduce((sum, count) => sum + count, 0);
  }

  async function durables(): Promise<ConsumerInfo[]> {
    const lists = await Promise.all(streams.map(({ name }) => manager.consumers.list(name).next()));
    return lists.flat().filter(({ config }) => config.durable_name !== undefined);
  }

  /** Waits until each durable that is due is one of these and has no pending messages. */
  async function untilAllIsHandled(isOne: (durable: ConsumerInfo) => boolean = () => true): Promise<void> {
    const isIdle = async () => {
      const found = (await durables()).filter(isOne);
      const names = found.map(({ name }) => name).sort();
      return isDeepStrictEqual(names, due) && found.every((each) => each.num_pending + each.num_ack_pending === 0);
    };
    await until(isIdle, { what: 'every consumer to finish', deadlineMs: 50_000, everyMs: 100 });
  }
});
