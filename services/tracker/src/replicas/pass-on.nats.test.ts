import assert from 'node:assert/strict';
import { type Bus, connectBus, done, later, never, type Outcome, type Received } from '@k8sta/bus';
import { type BusEvent, eventForOwner, eventId, promotionWanted, toReplica } from '@k8sta/contracts';
import { type DeployedNats, startDeployedNats, until } from '@k8sta/sandbox';
import { repository, started } from '../ride/ride.fixture.js';
import { askingOwners } from './ask-owner.js';
import { passOn } from './pass-on.js';
import { answerByOwner } from './wanted.js';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

const opened: BusEvent = {
  type: 'ticket.opened',
  id: eventId('ticket.opened', 'one'),
  ticketId: 'one',
  traceparent: '00-11111111111111111111111111111111-2222222222222222-01',
  data: {
    ticket: 'one',
    track: 'storefront',
    image: { repository, tag: '1.0.0' },
    sender: 'dockerhub',
    pushedAt: started.toISOString(),
  },
} as BusEvent;

interface Handled {
  readonly by: string;
  readonly tracks: readonly string[];
  readonly event: Received<'ticket.opened'>;
}

/** A consumes from the stream, and B owns what the test says. */
describe('an event of a Track that another replica owns', () => {
  let nats: DeployedNats;
  let others: Bus;
  let a: Bus;
  let b: Bus;
  let outcomes: Outcome[];
  let handled: Handled[];
  let missed: string[];
  let isDead: boolean;

  beforeEach(async () => {
    nats = await startDeployedNats();
    [outcomes, handled, missed, isDead] = [[], [], [], false];
    const onOutcome = (_type: string, outcome: Outcome) => void outcomes.push(outcome);
    const tracker = { service: 'tracker', connection: nats.as('tracker'), log: quiet } as const;
    a = await connectBus({ ...tracker, onOutcome });
    b = await connectBus(tracker);
    others = await connectBus({ service: 'ingest', connection: nats.as('ingest'), log: quiet });
  });
  afterEach(async () => {
    for (const bus of isDead ? [a, others] : [a, b, others]) await bus.close();
    assert.deepEqual(nats.refusals.list(), []);
    await nats.stop();
  });

  async function die(): Promise<void> {
    isDead = true;
    await b.close();
  }

  function replica(self: string, bus: Bus, ownerOf: (track: string) => string) {
    const asking = (owner: string) => ({ answered() {}, missed: () => void missed.push(owner) });
    const askOwner = askingOwners(bus, { asking }, quiet);
    return { askOwner, ...passOn({ bus, self, owners: { ownerOf }, askOwner }) };
  }

  /** A consumes; `outcome` is what each replica says of the event. */
  async function consume({
    ownerOf = () => 'b',
    concerned = ['storefront'],
    outcome = () => done,
  }: {
    ownerOf?: (track: string) => string;
    concerned?: readonly string[];
    outcome?: (by: string) => Outcome | Promise<Outcome>;
  } = {}) {
    const handler =
      (by: string) =>
      async (event: Received<'ticket.opened'>, tracks: readonly string[]): Promise<Outcome> => {
        handled.push({ by, event, tracks });
        return outcome(by);
      };
    const [first, second] = [replica('a', a, ownerOf), replica('b', b, ownerOf)];
    second.toOwners('ticket.opened', () => concerned, handler('b'));
    second.answer();
    await b.ping();
    await others.publish(opened);
    await a.consume(
      'ticket.opened',
      first.toOwners('ticket.opened', () => concerned, handler('a')),
    );
  }

  it('is handled there, as it came from the stream, and the outcome of the owner settles the message', async () => {
    await consume();
    await until(() => outcomes.length === 1);
    assert.deepEqual(outcomes, [done]);
    const stored = await others.at('ticket.opened', 1);
    assert.deepEqual(handled, [{ by: 'b', tracks: ['storefront'], event: { ...stored, sequence: 1, deliveries: 1 } }]);
    assert.ok(stored?.ticketId && stored.traceparent);
  });

  it('is handed back, or becomes a dead letter, as the owner decides', async () => {
    const said = [later(10, 'not now'), never('impossible', 'no such Track')];
    await consume({ outcome: () => said[handled.length - 1] ?? done });
    await until(() => outcomes.length === 2);
    assert.deepEqual(outcomes, said);
    const notifier = await connectBus({ service: 'notifier', connection: nats.as('notifier'), log: quiet });
    const letter = await notifier.last('dead.letter', { service: 'tracker', reason: 'impossible' });
    assert.equal(letter?.data.cause, 'no such Track');
    await notifier.close();
  });

  it('is handled here at once if the owner is dead, which is away then', async () => {
    await die();
    const first = replica('a', a, () => 'b');
    await others.publish(opened);
    await a.consume(
      'ticket.opened',
      first.toOwners(
        'ticket.opened',
        () => ['storefront'],
        async (event, tracks) => {
          handled.push({ by: 'a', event, tracks });
          return done;
        },
      ),
    );
    await until(() => outcomes.length === 1);
    assert.deepEqual([handled.map(({ by }) => by), missed], [['a'], ['b']]);
  });

  it('is handled here after two seconds if the owner does not answer, which is away then', async () => {
    let finish = (_outcome: Outcome) => {};
    await consume({
      outcome: (by) => (by === 'b' ? new Promise((resolve) => (finish = resolve)) : done),
    });
    await until(() => outcomes.length === 1);
    assert.deepEqual([handled.map(({ by }) => by), missed], [['b', 'a'], ['b']]);
    finish(done);
  });

  it('is handled here if the owner fails', async () => {
    await consume({
      outcome: (by) => {
        if (by === 'b') throw new Error('its Redis is away');
        return done;
      },
    });
    await until(() => outcomes.length === 1);
    assert.deepEqual([handled.map(({ by }) => by), missed, outcomes], [['b', 'a'], [], [done]]);
  });

  it('is never passed on again, also if the owner believes that another one is', async () => {
    // Each believes that the other one is the owner.
    const [first, second] = [replica('a', a, () => 'b'), replica('b', b, () => 'a')];
    const handler = (by: string) => async (event: Received<'ticket.opened'>, tracks: readonly string[]) => {
      handled.push({ by, event, tracks });
      return done;
    };
    second.toOwners('ticket.opened', () => ['storefront'], handler('b'));
    second.answer();
    const handle = first.toOwners('ticket.opened', () => ['storefront'], handler('a'));
    first.answer();
    await Promise.all([a.ping(), b.ping()]);
    await others.publish(opened);
    await a.consume('ticket.opened', handle);
    await until(() => outcomes.length === 1);
    assert.deepEqual(
      handled.map(({ by }) => by),
      ['b'],
    );
  });

  it('reaches each owner with its own Tracks, and comes again if one of them says so', async () => {
    const said = new Map<string, Outcome[]>([
      ['a', [done, done]],
      ['b', [later(10, 'not now'), done]],
    ]);
    await consume({
      concerned: ['storefront', 'checkout', 'search'],
      ownerOf: (track) => (track === 'checkout' ? 'a' : 'b'),
      outcome: (by) => said.get(by)?.shift() ?? done,
    });
    await until(() => outcomes.length === 2);
    assert.deepEqual(
      outcomes.map(({ is }) => is),
      ['later', 'done'],
    );
    const tracksOf = (wanted: string) => handled.flatMap(({ by, tracks }) => (by === wanted ? [tracks.join()] : []));
    assert.deepEqual(tracksOf('a'), ['checkout', 'checkout']);
    assert.deepEqual(tracksOf('b'), ['storefront,search', 'storefront,search']);
  });

  it('is answered although the owner shuts down meanwhile, and later ones find nobody', async () => {
    let finish = (_outcome: Outcome) => {};
    await consume({
      outcome: (by) => (by === 'b' ? new Promise((resolve) => (finish = resolve)) : done),
    });
    await until(() => handled.length === 1);
    let isStopped = false;
    const stopping = die().then(() => {
      isStopped = true;
    });
    // By then the server has removed the subscription.
    for (let round = 0; round < 5; round += 1) await b.ping();
    assert.equal(isStopped, false, 'it waits for the answer');
    finish(done);
    await stopping;
    await until(() => outcomes.length === 1);
    const asked = await a.ask(toReplica(eventForOwner, 'b'), requestOf(), 1_000);
    assert.equal(asked, undefined);
    assert.deepEqual(
      handled.map(({ by }) => by),
      ['b'],
    );
  });

  it('is refused if its data is not that of its type', async () => {
    const second = replica('b', b, () => 'b');
    second.toOwners(
      'ticket.opened',
      () => [],
      async () => done,
    );
    second.answer();
    await b.ping();
    const asked = (change: object) => a.ask(toReplica(eventForOwner, 'b'), { ...requestOf(), ...change }, 1_000);
    await assert.rejects(asked({ data: { track: 'storefront' } }), /the data does not match ticket\.opened: /);
    await assert.rejects(asked({ type: 'ticket.failed' }), /does not consume ticket\.failed now/);
    assert.deepEqual(await asked({}), { is: 'done' });
  });

  const requestOf = () => ({
    ...{ type: 'ticket.opened', id: opened.id, time: started.toISOString(), sequence: 1, deliveries: 1 },
    ...{ tracks: ['storefront'], data: opened.data as Record<string, unknown> },
  });

  it('is no question of the promoter: the owner says whether a promotion is wanted, or this one if it is dead', async () => {
    const promoter = await connectBus({ service: 'promoter', connection: nats.as('promoter'), log: quiet });
    const by = (name: string) => async () => ({ wanted: false, message: name });
    const [first, second] = [replica('a', a, () => 'b'), replica('b', b, () => 'b')];
    answerByOwner(a, 'a', { ownerOf: () => 'b' }, first.askOwner, by('a'));
    answerByOwner(b, 'b', { ownerOf: () => 'b' }, second.askOwner, by('b'));
    await Promise.all([a.ping(), b.ping()]);
    const request = { track: 'storefront', ticket: 'one', promotion: 'one/dev/1', part: 0 };
    const answers = async () => {
      const all = await Promise.all(Array.from({ length: 20 }, () => promoter.ask(promotionWanted, request, 5_000)));
      return new Set(all.map((each) => each?.message));
    };
    assert.deepEqual(await answers(), new Set(['b']));
    await die();
    assert.deepEqual(await answers(), new Set(['a']));
    await promoter.close();
  });
});
