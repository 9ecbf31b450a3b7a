import assert from 'node:assert/strict';
import { type BusEvent, eventId, everyUse, promotionWanted } from '@k8sta/contracts';
import { type NatsServer, startDeployedNats, startNats, until } from '@k8sta/sandbox';
import { connect } from 'nats';
import { quiet } from './bus.fixture.js';
import { type Bus, connectBus } from './bus.js';
import { Undeclared } from './declared.js';
import type { Log } from './log.js';
import { openServiceTap, openTap, type Tap } from './tap.js';
import { wrap } from './wrap.js';

describe('the tap', () => {
  let nats: NatsServer;
  let bus: Bus;
  let tap: Tap;

  before(async () => {
    nats = await startNats();
    bus = await connectBus({ service: 'tracker', uses: everyUse, connection: { servers: nats.url }, log: quiet });
    tap = await openTap({ servers: nats.url });
  });
  after(async () => {
    await tap?.close();
    await bus?.close();
    await nats?.stop();
  });

  const heartbeat = (instance: string, asOf: string): BusEvent => ({
    type: 'application.current',
    id: eventId('application.current', instance, asOf),
    data: { instance, asOf },
  });

  const word = (track: string, verb: 'pause' | 'resume', at: number): BusEvent => ({
    type: 'operator.word',
    id: eventId('operator.word', track, at),
    data: { track, verb, by: 'alice', at: new Date(at * 1_000).toISOString() },
  });

  it('delivers the newest event of each subject, then new ones', async () => {
    await bus.publish(heartbeat('eu', '2026-01-01T00:00:01.000Z'));
    await bus.publish(heartbeat('eu', '2026-01-01T00:00:02.000Z'));
    const delivered: unknown[] = [];
    await tap.newest('K8STA_APPLICATIONS', ({ type, data }) => delivered.push([type, 'asOf' in data && data.asOf]));
    await until(() => delivered.length === 1);
    await bus.publish(heartbeat('us', '2026-01-01T00:00:03.000Z'));
    await until(() => delivered.length === 2);
    assert.deepEqual(delivered, [
      ['application.current', '2026-01-01T00:00:02.000Z'],
      ['application.current', '2026-01-01T00:00:03.000Z'],
    ]);
  });

  it('delivers the values of the state bucket, their changes, and removals', async () => {
    await bus.state.replace('ticket.a.1', 'waiting', 0);
    await bus.state.replace('track.a', 'not asked for', 0);
    const delivered: unknown[] = [];
    await tap.states('ticket.>', (key, value) => delivered.push([key, value]));
    await until(() => delivered.length === 1);
    await bus.state.remove('ticket.a.1');
    await until(() => delivered.length === 2);
    assert.deepEqual(delivered, [
      ['ticket.a.1', 'waiting'],
      ['ticket.a.1', undefined],
    ]);
  });

  it('skips an event in the history whose data belongs to another subject', async () => {
    const about = { track: 'app', by: 'ci', at: '2026-01-01T00:00:00Z', ticket: 'a' } as const;
    const id = (name: string) => eventId('operator.word', name);
    await bus.publish({ type: 'operator.word', id: id('said'), data: { ...about, verb: 'cancel' } });
    const forged = wrap(
      { type: 'operator.word', id: id('forged'), data: { ...about, verb: 'express' } },
      'x',
      new Date(),
    );
    const connection = await connect({ servers: nats.url });
    await connection.jetstream().publish('k8sta.operator.app.check', forged.payload);
    await connection.close();
    const verbs: unknown[] = [];
    await tap.ofTrack('app', new Date(0), ({ data }) => verbs.push('verb' in data && data.verb));
    assert.deepEqual(verbs, ['cancel']);
  });

  it('delivers every published event, and no question', async () => {
    const delivered: string[] = [];
    await tap.events(({ id }) => delivered.push(id));
    await bus.ask(promotionWanted, { track: 'a', ticket: 'b', promotion: 'c', part: 0 }, 1_000);
    const { id, ...rest } = heartbeat('asia', '2026-01-01T00:00:04.000Z');
    await bus.publish({ id, ...rest });
    await until(() => delivered.length > 0);
    assert.deepEqual(delivered, [id]);
  });

  it('delivers what a stream holds of one type, then each new event', async () => {
    const [pause, other] = [word('a', 'pause', 1), word('b', 'pause', 1)];
    for (const event of [pause, other]) await bus.publish(event);
    const delivered: string[] = [];
    await tap.recorded('operator.word', ({ id }) => delivered.push(id));
    // The one before was stored for another test; the forged one is not delivered.
    assert.deepEqual(delivered.splice(0, 1), [eventId('operator.word', 'said')]);
    assert.deepEqual(delivered, [pause.id, other.id], 'all that was there has been read');
    const resume = word('a', 'resume', 2);
    await bus.publish(resume);
    await until(() => delivered.length === 3);
    assert.deepEqual(delivered, [pause.id, other.id, resume.id]);
  });

  it('reads the history of one type on some subjects, also if there is none', async () => {
    const read: string[] = [];
    await tap.history('operator.word', { track: 'a' }, ({ id }) => read.push(id));
    assert.deepEqual(read, [word('a', 'pause', 1).id, word('a', 'resume', 2).id]);
    await tap.history('operator.word', { track: 'nobody' }, ({ id }) => read.push(id));
    await tap.history('ticket.completed', { track: 'a' }, ({ id }) => read.push(id));
    assert.equal(read.length, 2);
  });

  it('creates nothing on a bus without K8sTA', async () => {
    const other = await startNats();
    const looking = await openTap({ servers: other.url });
    try {
      await assert.rejects(
        looking.newest('K8STA', () => {}),
        /stream not found/,
      );
      await assert.rejects(
        looking.states('>', () => {}),
        /stream not found/,
      );
    } finally {
      await looking.close();
      await other.stop();
    }
  });
});

describe('the tap of the board, as its user of deploy/', () => {
  it('waits for the streams, and reads what people look at, but no raw webhook', async () => {
    const nats = await startDeployedNats();
    const as = (user: string) => ({ servers: nats.url, user, passwordFile: nats.as(user).passwordFile });
    const said: unknown[] = [];
    const log: Log = { ...quiet, info: (_fields, message) => said.push(message) };
    const opening = openServiceTap('board', as('board'), log);
    await until(() => said.includes('waiting for the streams'));
    const bus = await connectBus({ service: 'tracker', connection: as('tracker'), log: quiet });
    // The tracker creates the bucket when it first uses it.
    await bus.state.replace('ticket.a.1', 'waiting', 0);
    const tap = await opening;
    try {
      const keys: string[] = [];
      await tap.states('ticket.>', (key) => keys.push(key));
      await tap.newest('K8STA_APPLICATIONS', () => {});
      await tap.recorded('operator.word', () => {});
      assert.deepEqual([keys, nats.refusals.list()], [['ticket.a.1'], []]);
      tap.recorded('delivery.received', () => {}).catch(() => {});
      await until(() => nats.refusals.list().length > 0);
      assert.match(nats.refusals.list().join(), /User "board".*CONSUMER\.CREATE\.K8STA_DELIVERIES/);
    } finally {
      await tap.close();
      await bus.close();
      await nats.stop();
    }
  });

  it('refuses a service that does not watch the bus', async () => {
    await assert.rejects(openServiceTap('ingest', { servers: 'nats://127.0.0.1:1' }, quiet), Undeclared);
  });
});
