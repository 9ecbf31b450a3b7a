import assert from 'node:assert/strict';
import { type BusEvent, eventId, everyUse, gitRelation } from '@k8sta/contracts';
import { type NatsServer, startNats, until } from '@k8sta/sandbox';
import { connect, type NatsConnection } from 'nats';
import { type Bus, connectBus } from './bus.js';
import type { Log } from './log.js';
import { done, later, never } from './outcome.js';
import { wrap } from './wrap.js';

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };

function opened(ticket: string, tag = '1.0.0'): BusEvent {
  return {
    type: 'ticket.opened',
    id: eventId('ticket.opened', ticket),
    ticketId: ticket,
    data: {
      ticket,
      track: 'storefront',
      image: { repository: 'ghcr.io/acme/storefront', tag },
      sender: 'dockerhub',
      pushedAt: '2026-01-02T03:04:05Z',
    },
  };
}

/** Collects what a handler is given and resolves once there is enough of it. */
function collector<T>() {
  const items: T[] = [];
  let wake = () => {};
  return {
    items,
    add(item: T) {
      items.push(item);
      wake();
    },
    async reach(count: number): Promise<T[]> {
      while (items.length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return items;
    },
  };
}

describe('bus', () => {
  let nats: NatsServer;
  let bus: Bus;
  let raw: NatsConnection;

  beforeEach(async () => {
    nats = await startNats();
    bus = await connectBus({ service: 'tracker', uses: everyUse, connection: { servers: nats.url }, log: quiet });
    raw = await connect({ servers: nats.url });
  });
  afterEach(async () => {
    await raw.close();
    await bus.close();
    await nats.stop();
  });

  it('stores an event once if it is published twice', async () => {
    const first = await bus.publish(opened('a'));
    const second = await bus.publish(opened('a'));
    assert.deepEqual([first.duplicate, second.duplicate], [false, true]);
    assert.equal(second.sequence, first.sequence);
  });

  it('says why JetStream stores neither an event nor a state, if it is full', async () => {
    const manager = await raw.jetstreamManager();
    const { config } = await manager.streams.info('K8STA');
    await bus.state.replace('track.storefront', '{}', 0);
    const { config: state } = await manager.streams.info('KV_K8STA_STATE');
    for (const full of [config, state]) await manager.streams.update(full.name, { ...full, max_bytes: 1 });
    const why = { name: 'NatsError', message: 'maximum bytes exceeded' };
    await assert.rejects(bus.publish(opened('full')), why);
    await assert.rejects(bus.state.replace('track.cart', '{}', 0), why);
    await assert.rejects(bus.ping(), { message: 'JetStream does not store events: maximum bytes exceeded' });
    for (const free of [config, state]) await manager.streams.update(free.name, free);
    await bus.publish(opened('full'));
    await bus.ping();
  });

  it('refuses to publish an event that does not match its schema', async () => {
    const event = opened('a');
    await assert.rejects(bus.publish({ ...event, data: { ...event.data, track: 'No Label' } } as BusEvent), TypeError);
  });

  it('delivers to the durable what was stored before and after its creation', async () => {
    await bus.publish(opened('a'));
    const seen = collector<string>();
    await bus.consume('ticket.opened', async ({ data }) => {
      seen.add(data.ticket);
      return done;
    });
    await bus.publish(opened('b'));
    assert.deepEqual((await seen.reach(2)).sort(), ['a', 'b']);
  });

  it('redelivers a message that was handed back or whose handler threw', async () => {
    const seen = collector<number>();
    await bus.consume('ticket.opened', async ({ deliveries }) => {
      seen.add(deliveries);
      if (deliveries === 1) return later(1, 'not yet');
      if (deliveries === 2) throw new Error('a broken world');
      return done;
    });
    await bus.publish(opened('a'));
    assert.deepEqual(await seen.reach(3), [1, 2, 3]);
  });

  it('logs why it could not handle a message, and for which Ticket', async () => {
    const lines: string[] = [];
    const log = (level: string) => (fields: object, message: string) =>
      void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
    const loud = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
    const logging = await connectBus({
      service: 'promoter',
      uses: everyUse,
      connection: { servers: nats.url },
      log: loud,
    });
    const seen = collector<number>();
    await logging.consume('ticket.opened', async ({ deliveries }) => {
      seen.add(deliveries);
      if (deliveries === 1) return later(1, 'not yet');
      if (deliveries === 2) throw new Error('a broken world');
      return never('impossible', 'never');
    });
    await bus.publish(opened('a'));
    await seen.reach(3);
    await logging.close();
    const said = lines.map((line) => /^\w+ [^{]+/.exec(line)?.[0].trim());
    assert.deepEqual(said, [
      'info message not handled now, retrying',
      'warn message could not be handled, retrying',
      'error dead letter',
    ]);
    for (const line of lines) assert.match(line, /"ticketid":"a"/);
  });

  it('publishes a dead letter for a message that it can never handle, with the cause and the original', async () => {
    const letters = raw.subscribe('k8sta.dead.>', { max: 2 });
    await bus.consume('ticket.opened', async () => never('impossible', 'the Track rides elsewhere'));
    await bus.publish(opened('a'));
    raw.publish('k8sta.ticket.storefront.opened', 'no json');
    const causes: Record<string, { cause: string; payload: string }> = {};
    for await (const letter of letters) {
      const { data } = letter.json<{ data: { reason: string; cause: string; original: { payload: string } } }>();
      causes[data.reason] = { cause: data.cause, payload: data.original.payload };
    }
    assert.equal(causes['impossible']?.cause, 'the Track rides elsewhere');
    assert.equal(causes['unreadable']?.payload, 'no json');
    assert.match(causes['unreadable']?.cause ?? '', /^is not JSON: .*$/);
  });

  it('handles no event whose data belongs to another subject than the one that its publisher may use', async () => {
    const letters = raw.subscribe('k8sta.dead.>', { max: 1 });
    const verbs = collector<string>();
    await bus.consume('operator.word', async ({ data }) => {
      verbs.add(data.verb);
      return done;
    });
    const about = { track: 'app', ticket: 'a', station: 'prod', name: 'smoke', outcome: 'passed' } as const;
    const said = { ...about, verb: 'check', by: 'ci', at: '2026-01-01T00:00:00Z' } as const;
    const forged = { ...said, verb: 'express' } as const;
    const id = eventId('operator.word', 'forged');
    const { payload } = wrap({ type: 'operator.word', id, data: forged }, 'ingest', new Date());
    raw.publish('k8sta.operator.app.check', payload);
    for await (const letter of letters) {
      const { data } = letter.json<{ data: { reason: string; cause: string } }>();
      assert.equal(data.reason, 'invalid');
      assert.match(
        data.cause,
        /belongs to the subject k8sta\.operator\.app\.express, not to k8sta\.operator\.app\.check/,
      );
    }
    await bus.publish({ type: 'operator.word', id: eventId('operator.word', 'said'), data: said });
    assert.deepEqual(await verbs.reach(1), ['check']);
  });

  it('stops at once if it is closed before it has started', async () => {
    const hasty = await connectBus({ service: 'promoter', connection: { servers: nats.url }, log: quiet });
    await hasty.consume('promotion.requested', async () => done);
    await hasty.close();
  });

  it('continues after the streams and durables were deleted', async () => {
    const seen = collector<string>();
    await bus.consume('ticket.opened', async ({ data }) => {
      seen.add(data.ticket);
      return done;
    });
    await bus.publish(opened('a'));
    await seen.reach(1);
    const manager = await raw.jetstreamManager();
    await manager.streams.delete('K8STA');
    await bus.publish(opened('b'));
    assert.deepEqual(await seen.reach(2), ['a', 'b']);
  });

  it('continues after nats-server was killed', async () => {
    const seen = collector<string>();
    await bus.consume('ticket.opened', async ({ data }) => {
      seen.add(data.ticket);
      return done;
    });
    await bus.publish(opened('a'));
    await seen.reach(1);
    await nats.kill();
    await nats.restart();
    const again = async (): Promise<unknown> => bus.publish(opened('b')).catch(again);
    await again();
    // `a` may come a second time: the server may have died with its acknowledgement.
    await until(() => seen.items.includes('b'));
    assert.deepEqual([...new Set(seen.items)], ['a', 'b']);
  });

  it('reads the newest event of a subject, and those since a moment', async () => {
    const before = new Date(Date.now() - 1000);
    assert.equal(await bus.last('ticket.opened', { track: 'storefront' }), undefined);
    assert.deepEqual(await bus.since('ticket.opened', { track: 'storefront' }, before), []);
    await bus.publish(opened('a'));
    await bus.publish(opened('b'));
    assert.equal((await bus.last('ticket.opened', { track: 'storefront' }))?.data.ticket, 'b');
    const all = await bus.since('ticket.opened', { track: 'storefront' }, before);
    assert.deepEqual(
      all.map(({ data }) => data.ticket),
      ['a', 'b'],
    );
  });

  it('lists the subjects that have an event of a type', async () => {
    const gone = (namespace: string, name: string): BusEvent => ({
      type: 'application.gone',
      id: eventId('application.gone', namespace, name),
      data: { instance: 'default', namespace, name, uid: 'x', observedAt: '2026-01-02T03:04:05Z' },
    });
    assert.deepEqual(await bus.stored('application.gone', {}), []);
    for (const event of [gone('argocd', 'web.eu'), gone('teams', 'web'), gone('teams', 'web')])
      await bus.publish(event);
    const tokens = { instance: 'default', namespace: 'argocd', name: 'web.eu' };
    assert.deepEqual(await bus.stored('application.gone', { instance: 'default', namespace: 'argocd' }), [tokens]);
    assert.equal((await bus.stored('application.gone', { instance: 'default' })).length, 2);
    assert.deepEqual(await bus.stored('application.gone', { instance: 'edge' }), []);
    assert.deepEqual(await bus.stored('application.observed', {}), []);
  });

  it('knows whether it has handled everything before a sequence of the stream', async () => {
    const gone = (name: string): BusEvent => ({
      type: 'application.gone',
      id: eventId('application.gone', name),
      data: { instance: 'default', namespace: 'argocd', name, uid: 'x', observedAt: '2026-01-02T03:04:05Z' },
    });
    const first = await bus.publish(gone('a'));
    assert.equal(await bus.hasHandled('application.gone', first.sequence + 1), false, 'no durable as yet');
    const seen = collector<{ name: string; handled: () => void }>();
    await bus.consume('application.gone', async ({ data: { name } }) => {
      await new Promise<void>((handled) => seen.add({ name, handled }));
      return done;
    });
    const second = await bus.publish(gone('b'));
    const [a, b] = await seen.reach(2);
    const before = (sequence: number) => bus.hasHandled('application.gone', sequence);
    b?.handled();
    assert.equal(await before(second.sequence + 1), false, 'the first one is still being handled');
    a?.handled();
    await until(() => before(second.sequence + 1));
    const third = await bus.publish(gone('c'));
    await seen.reach(3);
    assert.equal(await before(third.sequence), true, 'what comes later does not matter');
    assert.equal(await before(third.sequence + 1), false);
    seen.items[2]?.handled();
    // An event of another type moves no floor of this one.
    const other = await bus.publish(opened('d'));
    await until(() => before(other.sequence + 100));
  });

  it('asks and answers; a missing service gives no answer, a refusal is an error', async () => {
    assert.equal(await bus.ask(gitRelation, question, 200), undefined);
    bus.answer(gitRelation, async ({ repository }) => {
      if (repository.endsWith('broken')) throw new Error('the mirror is gone');
      return { relation: 'same' as const };
    });
    assert.deepEqual(await bus.ask(gitRelation, question, 1000), { relation: 'same' });
    await assert.rejects(bus.ask(gitRelation, { ...question, repository: 'broken' }, 1000), /the mirror is gone/);
  });

  const question = {
    repository: 'https://git/x',
    commit: 'a'.repeat(40),
    revision: 'b'.repeat(40),
    image: { repository: 'x', tag: '1' },
  };

  it('answers the questions that it has taken before it closes', async () => {
    const asking = await connectBus({
      ...{ service: 'promoter', uses: everyUse, connection: { servers: nats.url }, log: quiet },
    });
    let finish = () => {};
    const answered = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let isAsked = false;
    bus.answer(gitRelation, async () => {
      isAsked = true;
      await answered;
      return { relation: 'same' as const };
    });
    await bus.ping();
    const reply = asking.ask(gitRelation, question, 10_000);
    await until(() => isAsked);
    const closed = bus.close();
    // By then the server has removed the subscription.
    for (let round = 0; round < 5; round += 1) await raw.flush();
    finish();
    assert.deepEqual(await reply, { relation: 'same' });
    await closed;
    await asking.close();
    bus = await connectBus({ service: 'tracker', uses: everyUse, connection: { servers: nats.url }, log: quiet });
  });

  it('closes although an answer does not come', async () => {
    let isAsked = false;
    bus.answer(gitRelation, async () => {
      isAsked = true;
      return new Promise<never>(() => {});
    });
    await bus.ping();
    raw.publish(gitRelation.subject, JSON.stringify(question));
    await until(() => isAsked);
    await bus.close();
    bus = await connectBus({ service: 'tracker', uses: everyUse, connection: { servers: nats.url }, log: quiet });
  });

  it('replaces state only at the revision that was read', async () => {
    const first = await bus.state.replace('track.storefront', 'one', 0);
    assert.equal(typeof first, 'number');
    assert.equal(await bus.state.replace('track.storefront', 'two', 0), undefined);
    assert.equal(typeof (await bus.state.replace('track.storefront', 'two', first ?? 0)), 'number');
    assert.equal((await bus.state.get('track.storefront'))?.value, 'two');
    assert.equal(await bus.state.get('track.other'), undefined);
  });

  it('lists the keys of the state by a filter', async () => {
    assert.deepEqual(await bus.state.keys('track.>'), []);
    for (const key of ['track.a', 'track.b', 'ticket.a.1']) await bus.state.replace(key, 'one', 0);
    assert.deepEqual((await bus.state.keys('track.>')).sort(), ['track.a', 'track.b']);
  });

  it('keeps state that is larger than the maximum message', async () => {
    const large = JSON.stringify(Array.from({ length: 60_000 }, (_, index) => ({ name: `storefront-${index}` })));
    assert.ok(large.length > 1_500_000);
    const revision = await bus.state.replace('track.storefront', large, 0);
    assert.equal((await bus.state.get('track.storefront'))?.value, large);
    await bus.state.replace('track.storefront', 'small again', revision ?? 0);
    assert.equal((await bus.state.get('track.storefront'))?.value, 'small again');
  });
});
