import assert from 'node:assert/strict';
import { type Bus, connectBus } from '@k8sta/bus';
import { eventId, everyUse } from '@k8sta/contracts';
import { type NatsServer, startNats } from '@k8sta/sandbox';
import type { Engine } from '../engine.js';
import { anApplication, aTrack, sha, started } from '../ride/ride.fixture.js';
import { emptyTrack } from '../ride/state.js';
import { catchUp } from './catch-up.js';

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

  it('reads the last observations of the existing Applications that a new Track names or selects', async () => {
    const labels = { app: 'storefront' };
    const seen = async (name: string, uid: string, change: object) => {
      const data = anApplication(name, sha('a'), { uid, ...change });
      await others.publish({ type: 'application.observed', id: eventId('application.observed', name, uid), data });
    };
    const gone = async (name: string, uid: string) => {
      const data = { instance: 'default', namespace: 'argocd', name, uid, observedAt: started.toISOString() };
      await others.publish({ type: 'application.gone', id: eventId('application.gone', name, uid), data });
    };
    await seen('named', '1', {});
    await seen('selected', '1', { labels });
    await seen('other', '1', {});
    await seen('deleted', '1', { labels });
    await gone('deleted', '1');
    await seen('made-again', '1', { labels });
    await gone('made-again', '1');
    await seen('made-again', '2', { labels });
    const track = aTrack({ dev: ['named'], prod: [] });
    const stations = track.stations.map((each) => (each.name === 'prod' ? { ...each, matchLabels: labels } : each));
    const taken: string[] = [];
    const engine: Engine = {
      tracks: [{ ...track, stations }],
      take: async (_, input) => void taken.push(input.type === 'observed' ? input.data.name : input.type),
      state: async () => emptyTrack('storefront'),
      knows: async () => false,
      isBusy: () => false,
      waitingForFreshness: () => [],
      settled: async () => {},
    };
    await catchUp(bus, engine, ['default']);
    assert.deepEqual(taken.slice(0, -1).sort(), ['made-again', 'named', 'selected']);
    assert.equal(taken.at(-1), 'tick');
  });
});
