import assert from 'node:assert/strict';
import { sha } from '@k8sta/applications/fixture';
import { type Bus, connectBus, type Log } from '@k8sta/bus';
import { type BusEvent, type DataOf, eventId, everyUse } from '@k8sta/contracts';
import { type NatsServer, startNats } from '@k8sta/sandbox';
import { type HandlerOptions, handle } from './handle.js';
import type { RefreshOutcome } from './refresh.js';

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };

function committed(applications: DataOf<'promotion.committed'>['applications']): BusEvent {
  return {
    type: 'promotion.committed',
    id: eventId('promotion.committed', 't/dev/1', 0),
    data: {
      ...{ promotion: 't/dev/1', part: 0, ticket: 't', track: 'storefront', station: 'dev' },
      ...{ repository: 'git.example.com/acme/deploy', branch: 'main', revision: sha('a'), applications },
      committedAt: '2026-03-01T12:00:00Z',
    },
  };
}

function behind(name: string, instance = 'default'): BusEvent {
  return {
    type: 'application.refresh',
    id: eventId('application.refresh', instance, name),
    data: { instance, namespace: 'argocd', name, message: 'behind', requestedAt: '2026-03-01T12:00:00Z' },
  };
}

describe('handle', () => {
  let nats: NatsServer;
  let bus: Bus;
  /** Everybody else on the bus. */
  let others: Bus;
  let asked: string[];
  let isListed: boolean;
  let outcomes: RefreshOutcome[];
  /** Each message's outcome, as it is settled. */
  let settled: AsyncGenerator<string>;

  beforeEach(async () => {
    asked = [];
    outcomes = [];
    isListed = true;
    nats = await startNats();
    const received: string[] = [];
    let wake = () => {};
    others = await connectBus({ service: 'tracker', uses: everyUse, connection: { servers: nats.url }, log: quiet });
    bus = await connectBus({
      service: 'argo-watcher',
      connection: { servers: nats.url },
      log: quiet,
      onOutcome: (type, outcome) => {
        received.push(`${type} ${outcome.is}`);
        wake();
      },
    });
    settled = (async function* () {
      for (;;) {
        const next = received.shift();
        if (next !== undefined) yield next;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    })();
  });
  afterEach(async () => {
    await bus.close();
    await others.close();
    await nats.stop();
  });

  const start = (more: Partial<HandlerOptions> = {}) =>
    handle({
      bus,
      instance: 'default',
      watcher: {
        get isListed() {
          return isListed;
        },
        knows: ({ name }) => name !== 'elsewhere',
      },
      refresher: {
        async refresh({ name }) {
          asked.push(name);
          return outcomes.shift() ?? { is: 'asked' };
        },
      },
      now: () => new Date(),
      ...more,
    });
  const next = async () => (await settled.next()).value as string;

  it('asks for a refresh after a commit, and for what the tracker finds behind', async () => {
    await start();
    await others.publish(
      committed([
        { namespace: 'argocd', name: 'a', outcome: 'edited' },
        { namespace: 'argocd', name: 'b', outcome: 'unchanged' },
        { namespace: 'argocd', name: 'c', outcome: 'skipped' },
        { namespace: 'argocd', name: 'elsewhere', outcome: 'edited' },
      ]),
    );
    assert.equal(await next(), 'promotion.committed done');
    assert.deepEqual(asked, ['a', 'b']);
    await others.publish(behind('d'));
    assert.equal(await next(), 'application.refresh done');
    assert.deepEqual(asked, ['a', 'b', 'd']);
  });

  it('ignores messages for another Argo CD', async () => {
    await start();
    await others.publish(behind('a', 'edge'));
    assert.equal(await next(), 'application.refresh done');
    assert.deepEqual(asked, []);
  });

  it('hands a message back if one of its refreshes failed', async () => {
    outcomes = [{ is: 'refused' }, { is: 'later', delayMs: 1, because: 'busy' }];
    await start();
    await others.publish(
      committed([
        { namespace: 'argocd', name: 'a', outcome: 'edited' },
        { namespace: 'argocd', name: 'b', outcome: 'edited' },
      ]),
    );
    assert.deepEqual([await next(), await next()], ['promotion.committed later', 'promotion.committed done']);
    assert.deepEqual(asked, ['a', 'b', 'a', 'b']);
  });

  it('hands messages back until the first list is complete', async () => {
    isListed = false;
    await start();
    await others.publish(behind('a'));
    assert.equal(await next(), 'application.refresh later');
    isListed = true;
    assert.equal(await next(), 'application.refresh done');
    assert.deepEqual(asked, ['a']);
  });

  it('acknowledges the messages and does nothing if refreshes are off', async () => {
    await start({ refresher: undefined });
    await others.publish(behind('a'));
    assert.equal(await next(), 'application.refresh done');
  });

  it('does nothing for an old commit, which Argo CD has polled by itself', async () => {
    await start({ now: () => new Date(Date.now() + 11 * 60 * 1000) });
    await others.publish(behind('a'));
    assert.equal(await next(), 'application.refresh done');
    assert.deepEqual(asked, []);
  });
});
