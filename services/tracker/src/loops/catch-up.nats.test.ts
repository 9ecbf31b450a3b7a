import assert from 'node:assert/strict';
import { type Bus, connectBus } from '@k8sta/bus';
import { eventId, everyUse } from '@k8sta/contracts';
import { type NatsServer, startNats } from '@k8sta/sandbox';
import type { Track } from '@k8sta/tracks';
import type { Engine } from '../engine.js';
import { anApplication, aTrack, sha, started, TestTrack } from '../ride/ride.fixture.js';
import { emptyTrack, type TrackState } from '../ride/state.js';
import { catchUp, endRemoved } from './catch-up.js';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

describe('catch-up', () => {
  let nats: NatsServer;
  let bus: Bus;
  /** Everybody else on the bus. */
  let others: Bus;

  beforeEach(async () => {
    nats = await startNats();
    bus = await connectBus({ service: 'tracker', connection: { servers: nats.url }, log: quiet });
    others = await connectBus({ service: 'tracker', uses: everyUse, connection: { servers: nats.url }, log: quiet });
  });
  afterEach(async () => {
    await bus.close();
    await others.close();
    await nats.stop();
  });

  const seen = async (name: string, uid: string, change: object = {}) => {
    const data = anApplication(name, sha('a'), { uid, ...change });
    await others.publish({ type: 'application.observed', id: eventId('application.observed', name, uid), data });
  };
  const gone = async (name: string, uid: string) => {
    const data = { instance: 'default', namespace: 'argocd', name, uid, observedAt: started.toISOString() };
    await others.publish({ type: 'application.gone', id: eventId('application.gone', name, uid), data });
  };
  /** What the engine takes, of Tracks with these states; the inputs are recorded. */
  function listening(tracks: readonly Track[], state: TrackState, removed: readonly Track[] = []) {
    const taken: string[] = [];
    const engine: Engine = {
      tracks,
      track: async () => undefined,
      removed: async () => removed,
      isCurrent: async () => true,
      async take({ name }, input) {
        const isSeen = input.type === 'observed' || input.type === 'gone';
        taken.push(isSeen ? `${input.type} ${input.data.name}` : `${input.type} ${name}`);
      },
      state: async ({ name }) => (name === state.track ? state : emptyTrack(name)),
      knows: async () => false,
      unfinished: () => [],
      isBusy: () => false,
      waitingForFreshness: () => [],
      settled: async () => {},
    };
    return { taken, engine };
  }

  it('reads the last observations of the existing Applications that a new Track names or selects', async () => {
    const labels = { app: 'storefront' };
    await seen('named', '1');
    await seen('selected', '1', { labels });
    await seen('other', '1');
    await seen('deleted', '1', { labels });
    await gone('deleted', '1');
    await seen('made-again', '1', { labels });
    await gone('made-again', '1');
    await seen('made-again', '2', { labels });
    const track = aTrack({ dev: ['named'], prod: [] });
    const stations = track.stations.map((each) => (each.name === 'prod' ? { ...each, matchLabels: labels } : each));
    const { taken, engine } = listening([{ ...track, stations }], emptyTrack('storefront'));
    await catchUp(bus, engine, ['default']);
    assert.deepEqual(taken.slice(0, -1).sort(), ['observed made-again', 'observed named', 'observed selected']);
    assert.equal(taken.at(-1), 'tick storefront');
  });

  it('reads those of known Applications only after a change of the tracks files, also that one is gone', async () => {
    await seen('changed', '1');
    await seen('deleted', '1');
    await gone('deleted', '1');
    const known = (name: string) => ({ observed: anApplication(name, sha('0'), { uid: '1' }), gone: false });
    const observations = { 'argocd/changed': known('changed'), 'argocd/deleted': known('deleted') };
    const { taken, engine } = listening([aTrack({ dev: ['changed', 'deleted'] })], {
      ...emptyTrack('storefront'),
      observations,
    });
    await catchUp(bus, engine, ['default']);
    assert.deepEqual(taken.splice(0), ['tick storefront']);
    await catchUp(bus, engine, ['default'], { isChange: true });
    assert.deepEqual(taken, ['observed changed', 'gone deleted', 'tick storefront']);
  });

  it('ends the Tickets of a removed Track, and leaves one without live Tickets alone', async () => {
    const line = new TestTrack(aTrack({ dev: ['dev'] }));
    line.push('1.0.0');
    const removed = ['storefront', 'idle'].map((name): Track => ({ name, images: [], order: 'semver', stations: [] }));
    const { taken, engine } = listening([], line.state, removed);
    const logged: object[] = [];
    await endRemoved(engine, { warn: (fields) => void logged.push(fields) });
    assert.deepEqual(taken, ['tick storefront']);
    assert.deepEqual(logged, [{ track: 'storefront', tickets: 1 }]);
  });
});
