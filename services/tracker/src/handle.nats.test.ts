import assert from 'node:assert/strict';
import { type Bus, connectBus, type Outcome } from '@k8sta/bus';
import { applicationKey, type BusEvent, eventId } from '@k8sta/contracts';
import { type NatsServer, startNats, until } from '@k8sta/sandbox';
import { handle } from './handle.js';
import type { Railway } from './railway.js';
import { anApplication, aTrack, sha, started } from './ride/ride.fixture.js';
import { emptyTrack } from './ride/state.js';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

function observed(name: string): BusEvent {
  const data = anApplication(name, sha('a'));
  return { type: 'application.observed', id: eventId('application.observed', name, data.resourceVersion), data };
}

function heartbeat(asOf: string): BusEvent {
  return { type: 'application.current', id: eventId('application.current', asOf), data: { instance: 'default', asOf } };
}

describe('what the tracker takes from the bus', () => {
  let nats: NatsServer;
  let bus: Bus;
  let outcomes: string[];

  beforeEach(async () => {
    nats = await startNats();
    outcomes = [];
    const onOutcome = (type: string, { is }: Outcome) => void outcomes.push(`${type} ${is}`);
    bus = await connectBus({ service: 'tracker', connection: { servers: nats.url }, log: quiet, onOutcome });
  });
  afterEach(async () => {
    await bus.close();
    await nats.stop();
  });

  it('believes a heartbeat only after every observation that stands before it', async () => {
    const track = aTrack({ dev: ['one', 'two'] });
    const taken: string[] = [];
    const saves = new Map<string, () => void>();
    const railway: Railway = {
      tracks: [track],
      async take(_, input) {
        const word = input.type === 'observed' ? applicationKey(input.data) : input.type;
        if (word === 'argocd/two') await new Promise<void>((saved) => saves.set(word, saved));
        taken.push(word);
      },
      state: async () => emptyTrack('storefront'),
      settled: async () => {},
    };
    for (const event of [observed('one'), observed('two'), heartbeat('2026-03-01T12:00:00Z')]) await bus.publish(event);
    await handle(bus, railway, () => started);
    await until(() => saves.has('argocd/two') && outcomes.includes('application.current later'));
    saves.get('argocd/two')?.();
    await until(() => taken.includes('current'));
    assert.deepEqual(taken, ['argocd/one', 'argocd/two', 'current']);
  });
});
