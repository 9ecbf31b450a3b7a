import assert from 'node:assert/strict';
import { project, type Slice } from '@k8sta/applications';
import { type Bus, connectBus, type Log } from '@k8sta/bus';
import { type NatsServer, startNats } from '@k8sta/sandbox';
import { departedFrom } from './departed.js';
import { goneEvent, observedEvent } from './observe.js';
import { application } from './source.fixture.js';

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };
const now = new Date('2026-03-01T12:00:00Z');

function slice(name: string, resourceVersion: number, more: { instance?: string; namespace?: string } = {}): Slice {
  const read = project(application(name, resourceVersion), { instance: more.instance ?? 'default', now });
  assert.ok('slice' in read);
  return { ...read.slice, ...more };
}

describe('departedFrom', () => {
  let nats: NatsServer;
  let bus: Bus;
  beforeEach(async () => {
    nats = await startNats();
    // Only the tracker creates the streams, and argo-watcher waits for them.
    await (await connectBus({ service: 'tracker', connection: { servers: nats.url }, log: quiet })).close();
    bus = await connectBus({ service: 'argo-watcher', connection: { servers: nats.url }, log: quiet });
  });
  afterEach(async () => {
    await bus.close();
    await nats.stop();
  });

  async function departed(keys: string[], resourceVersion = 100, namespace: string | undefined = 'argocd') {
    const listed = { keys: new Set(keys), resourceVersion: String(resourceVersion) };
    return (await departedFrom(bus, 'default', namespace)(listed, now)).map(({ data }) => data);
  }

  it('finds what the bus has and the list does not, with the observed uid', async () => {
    for (const name of ['a', 'b.eu', 'c']) await bus.publish(observedEvent(slice(name, 1)));
    assert.deepEqual(await departed(['argocd/a', 'argocd/c']), [
      {
        ...{ instance: 'default', namespace: 'argocd', name: 'b.eu', uid: 'uid-of-b.eu' },
        ...{ resourceVersion: '100', observedAt: now.toISOString() },
      },
    ]);
  });

  it('compares only its own instance and its own namespaces', async () => {
    await bus.publish(observedEvent(slice('a', 1, { instance: 'edge' })));
    await bus.publish(observedEvent(slice('b', 1, { namespace: 'teams' })));
    assert.deepEqual(await departed([]), []);
    const everywhere = await departedFrom(bus, 'default', undefined)({ keys: new Set(), resourceVersion: '100' }, now);
    assert.deepEqual(
      everywhere.map(({ data }) => data.name),
      ['b'],
    );
  });

  it('ignores what was observed after the list: the watch will report it', async () => {
    await bus.publish(observedEvent(slice('a', 101)));
    assert.deepEqual(await departed([], 100), []);
    assert.equal((await departed([], 101)).length, 1);
  });

  it('reports it once, and again for another object of the same name', async () => {
    await bus.publish(observedEvent(slice('a', 1)));
    await bus.publish(goneEvent(slice('a', 1), '5', now));
    assert.deepEqual(await departed([]), []);
    await bus.publish(observedEvent({ ...slice('a', 7), uid: 'another' }));
    assert.deepEqual(
      (await departed([])).map(({ uid }) => uid),
      ['another'],
    );
  });

  it('reports it again for one that came back into the selection and left it', async () => {
    await bus.publish(observedEvent(slice('a', 1)));
    await bus.publish(goneEvent(slice('a', 1), '5', now));
    await bus.publish(observedEvent(slice('a', 7)));
    assert.equal((await departed([])).length, 1);
  });

  it('compares many Applications', async () => {
    const many = Array.from({ length: 150 }, (_, index) => `app-${index}`);
    await Promise.all(many.map((name) => bus.publish(observedEvent(slice(name, 1)))));
    assert.equal((await departed(['argocd/app-7'])).length, 149);
  });
});
