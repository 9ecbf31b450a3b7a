import assert from 'node:assert/strict';
import { type Bus, connectBus } from '@k8sta/bus';
import { type BusEvent, eventId, everyUse } from '@k8sta/contracts';
import { type NatsServer, startNats, until } from '@k8sta/sandbox';
import { readFreshness } from './freshness.js';
import { keepFresh } from './loops/keep-fresh.js';
import { anApplication, aTrack, sha, started } from './ride/ride.fixture.js';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

function observed(name: string): BusEvent {
  const data = anApplication(name, sha('a'));
  return { type: 'application.observed', id: eventId('application.observed', name, data.resourceVersion), data };
}

function heartbeat(asOf: string): BusEvent {
  return { type: 'application.current', id: eventId('application.current', asOf), data: { instance: 'default', asOf } };
}

describe('freshness', () => {
  let nats: NatsServer;
  let bus: Bus;

  beforeEach(async () => {
    nats = await startNats();
    bus = await connectBus({ service: 'tracker', uses: everyUse, connection: { servers: nats.url }, log: quiet });
  });
  afterEach(async () => {
    await bus.close();
    await nats.stop();
  });

  it('trusts a heartbeat only after every observation before it was handled', async () => {
    const handled: (() => void)[] = [];
    const freshness = readFreshness(bus, ['default']);
    for (const event of [observed('one'), observed('two'), heartbeat('2026-03-01T12:00:00Z')]) await bus.publish(event);
    await bus.consume('application.gone', async () => ({ is: 'done' }));
    await bus.consume('application.observed', async () => {
      await new Promise<void>((resolve) => handled.push(resolve));
      return { is: 'done' };
    });
    await until(() => handled.length === 2);
    await freshness.refresh();
    assert.deepEqual(freshness.currentAsOf(), {});
    for (const resolve of handled) resolve();
    await until(async () => {
      await freshness.refresh();
      return freshness.isComplete();
    });
    assert.deepEqual(freshness.currentAsOf(), { default: '2026-03-01T12:00:00Z' });
    await bus.publish(heartbeat('2026-03-01T11:00:00Z'));
    await freshness.refresh();
    assert.deepEqual(freshness.currentAsOf(), { default: '2026-03-01T12:00:00Z' }, 'never older');
  });

  it('wakes only the Tracks that wait for it, and reads rarely while no Ticket is on its way', async () => {
    let [reads, asOf, now, isBusy] = [0, '1', started.getTime(), false];
    let known = {};
    const freshness = {
      currentAsOf: () => known,
      isComplete: () => true,
      async refresh() {
        reads += 1;
        known = { default: asOf };
      },
    };
    const woken: string[] = [];
    const track = aTrack({ dev: ['dev'] });
    const engine = {
      isBusy: () => isBusy,
      waitingForFreshness: () => [track],
      take: async ({ name }: { name: string }) => void woken.push(name),
    };
    const round = keepFresh(freshness, engine, () => new Date(now));
    await round();
    assert.deepEqual(woken, ['storefront']);
    now += 14_999;
    await round();
    assert.equal(reads, 1);
    isBusy = true;
    asOf = '2';
    await round();
    assert.equal(reads, 2);
  });
});
