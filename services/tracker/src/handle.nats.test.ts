import assert from 'node:assert/strict';
import { type Bus, connectBus, type Outcome } from '@k8sta/bus';
import { type BusEvent, eventId, everyUse } from '@k8sta/contracts';
import { type NatsServer, startNats, until } from '@k8sta/sandbox';
import type { Track } from '@k8sta/tracks';
import type { Engine } from './engine.js';
import { handle } from './handle.js';
import { passOn } from './replicas/pass-on.js';
import type { Input } from './ride/event.js';
import { anApplication, aTrack, repository, sha, started } from './ride/ride.fixture.js';
import { emptyTrack } from './ride/state.js';
import { OtherTracks } from './store/current-tracks.js';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

function observed(name: string, instance = 'default'): BusEvent {
  const data = anApplication(name, sha('a'), { instance });
  return { type: 'application.observed', id: eventId('application.observed', name, data.resourceVersion), data };
}

function gone(name: string): BusEvent {
  const { instance, namespace, uid } = anApplication(name, sha('a'));
  const data = { instance, namespace, name, uid, observedAt: started.toISOString() };
  return { type: 'application.gone', id: eventId('application.gone', name), data };
}

function opened(ticket: string, image: { repository?: string; tag?: string }): BusEvent {
  const data = {
    ticket,
    track: 'storefront',
    image: { repository, tag: '1.0.0', ...image },
    sender: 'dockerhub',
    pushedAt: started.toISOString(),
  };
  return { type: 'ticket.opened', id: eventId('ticket.opened', ticket), ticketId: ticket, data };
}

function project(name: string): BusEvent {
  const head = { instance: 'default', namespace: 'argocd', name, uid: name, resourceVersion: '1' };
  const data = { ...head, observedAt: started.toISOString(), syncWindows: [] };
  return { type: 'project.observed', id: eventId('project.observed', name), data };
}

function wordOf(input: Input): string {
  if (input.type === 'observed') return `observed ${input.data.name}`;
  if (input.type === 'project') return `project ${input.data.name}`;
  if (input.type === 'word') return `${input.data.verb} by ${input.data.by} at ${input.sequence}`;
  return input.type === 'open' ? `open ${input.data.ticket}` : input.type;
}

describe('what the tracker consumes', () => {
  let nats: NatsServer;
  let bus: Bus;
  /** Everybody else on the bus. */
  let others: Bus;
  let outcomes: string[];

  beforeEach(async () => {
    nats = await startNats();
    outcomes = [];
    const onOutcome = (type: string, { is }: Outcome) => void outcomes.push(`${type} ${is}`);
    bus = await connectBus({ service: 'tracker', connection: { servers: nats.url }, log: quiet, onOutcome });
    others = await connectBus({ service: 'tracker', uses: everyUse, connection: { servers: nats.url }, log: quiet });
  });
  afterEach(async () => {
    await bus.close();
    await others.close();
    await nats.stop();
  });

  /** An engine that records what it takes. */
  function listening() {
    const track = aTrack({ dev: ['one', 'two'] });
    const taken: string[] = [];
    const directory = { note: async () => {}, forget: async () => {} };
    const engine: Engine = {
      tracks: [track],
      track: async (name) => (name === track.name ? track : undefined),
      removed: async () => [],
      isCurrent: async () => true,
      async take(_, input) {
        taken.push(wordOf(input));
      },
      state: async () => emptyTrack(track.name),
      knows: async (_, ticket) => ticket === 'known',
      unfinished: () => [],
      isBusy: () => false,
      waitingForFreshness: () => [],
      settled: async () => {},
    };
    // A tracker without other replicas.
    const replicas = passOn({ bus, self: 'a', owners: { ownerOf: () => 'a' }, askOwner: async () => undefined });
    return { taken, options: { bus, engine, directory, replicas, instances: ['default'], now: () => started } };
  }

  it('ignores other Argo CD instances', async () => {
    const { taken, options } = listening();
    await others.publish(observed('one', 'edge'));
    await others.publish(observed('two'));
    await handle(options);
    await until(() => outcomes.length === 2);
    assert.deepEqual(taken, ['observed two']);
  });

  for (const [what, ageMs, taken] of [
    ['after an old observation, because it may have been handled first', 60_000, ['gone', 'observed one', 'gone']],
    ['not after a new observation, because that would cost a look for each', 0, ['gone', 'observed one']],
  ] as const) {
    it(`takes the end of an Application once more ${what}`, async () => {
      const { taken: inputs, options } = listening();
      await others.publish(observed('one'));
      await others.publish(gone('one'));
      const take: Engine['take'] = async (track, input) => {
        if (input.type === 'observed') await until(() => inputs.includes('gone'));
        return options.engine.take(track, input);
      };
      let forgotten = 0;
      const directory = { ...options.directory, forget: async () => void forgotten++ };
      const now = () => new Date(Date.now() + ageMs);
      await handle({ ...options, directory, engine: { ...options.engine, take }, now });
      await until(() => outcomes.length === 2);
      assert.deepEqual(inputs, taken);
      assert.equal(forgotten, taken.filter((each) => each === 'gone').length);
    });
  }

  it('gives a project only to the Tracks with an Application of it', async () => {
    const { taken, options } = listening();
    const application = anApplication('one', sha('a'), { project: 'shop' });
    const state = { ...emptyTrack('storefront'), observations: { one: { observed: application, gone: false } } };
    for (const name of ['platform', 'shop']) await others.publish(project(name));
    await handle({ ...options, engine: { ...options.engine, state: async () => state } });
    await until(() => outcomes.length === 2);
    assert.deepEqual(taken, ['project shop']);
  });

  it('opens no Ticket that the Track does not subscribe to, and logs why', async () => {
    const { taken, options } = listening();
    await others.publish(opened('a', { tag: '1.0.0' }));
    await others.publish(opened('b', { tag: 'latest' }));
    await others.publish(opened('c', { repository: 'docker.io/acme/other' }));
    // One that rode before the tracks file was changed, delivered again.
    await others.publish(opened('known', { tag: 'latest' }));
    await handle(options);
    await until(() => outcomes.length === 4);
    assert.deepEqual(outcomes.sort(), [
      ...['ticket.opened done', 'ticket.opened done'],
      ...['ticket.opened later', 'ticket.opened later'],
    ]);
    assert.deepEqual(taken.sort(), ['open a', 'open known']);
  });

  it('takes the words of operators in the order in which they were stored, and none that is not complete', async () => {
    const { taken, options } = listening();
    const word = (data: object, at: number): BusEvent => {
      const head = { track: 'storefront', by: 'alice', at: started.toISOString() };
      return { type: 'operator.word', id: eventId('operator.word', at), data: { ...head, ...data } } as BusEvent;
    };
    await others.publish(word({ verb: 'pause' }, 1));
    await others.publish(word({ verb: 'cancel' }, 2));
    await others.publish(word({ verb: 'resume' }, 3));
    await handle(options);
    await until(() => outcomes.length === 3);
    assert.deepEqual(taken, ['pause by alice at 1', 'resume by alice at 3']);
    assert.ok(outcomes.includes('operator.word never'));
  });

  it('publishes a dead letter once that has lasted for an hour', async () => {
    const { taken, options } = listening();
    await others.publish(opened('b', { tag: 'latest' }));
    await handle({ ...options, now: () => new Date(Date.now() + 61 * 60_000) });
    await until(() => outcomes.includes('ticket.opened never'));
    assert.deepEqual(taken, []);
    const letter = await others.last('dead.letter', { service: 'tracker', reason: 'impossible' });
    assert.match(letter?.data.cause ?? '', /does not ride: storefront: tag latest is not strict semver; give ingest/);
  });

  it('hands back every message while other tracks files are current, also one about none of its Tracks', async () => {
    const { taken, options } = listening();
    await others.publish(observed('one'));
    await others.publish(observed('elsewhere'));
    const take = async () => {
      throw new OtherTracks();
    };
    const engine = { ...options.engine, isCurrent: async () => false, take };
    const { stop } = await handle({ ...options, engine });
    await until(() => outcomes.length >= 2);
    await stop();
    assert.deepEqual(new Set(outcomes), new Set(['application.observed later']));
    await handle(options);
    await until(() => outcomes.filter((each) => each === 'application.observed done').length === 2);
    assert.deepEqual(taken, ['observed one']);
  });

  it('takes the answers for a Track that was removed, and opens no Ticket there', async () => {
    const { taken, options } = listening();
    const removed: Track = { ...aTrack({}), images: [], stations: [] };
    const engine = { ...options.engine, tracks: [], track: async () => removed };
    await others.publish(opened('a', {}));
    const data = {
      ...{ ticket: 'a', track: 'storefront', station: 'dev', promotion: 'a/dev/1', part: 0, issue: 0 },
      ...{ repository: 'https://git.test/deploy.git', reason: 'Withdrawn', message: 'no longer wanted' },
      failedAt: started.toISOString(),
    };
    await others.publish({ type: 'promotion.failed', id: eventId('promotion.failed', 'a'), data } as BusEvent);
    await handle({ ...options, engine });
    await until(() => outcomes.length === 2);
    assert.deepEqual(outcomes.sort(), ['promotion.failed done', 'ticket.opened later']);
    assert.deepEqual(taken, ['failed']);
  });
});
