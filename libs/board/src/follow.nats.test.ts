import assert from 'node:assert/strict';
import { connectBus, openTap } from '@k8sta/bus';
import { eventId, everyUse, stateKey } from '@k8sta/contracts';
import { startNats, until } from '@k8sta/sandbox';
import type { Facts } from './facts.js';
import { follow } from './follow.js';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

describe('the facts of the board', () => {
  it('follow the Tickets in the state bucket and the Applications of one Argo CD', async () => {
    const nats = await startNats();
    const bus = await connectBus({ service: 'tracker', uses: everyUse, connection: { servers: nats.url }, log: quiet });
    const tap = await openTap({ servers: nats.url });
    try {
      const ticket = {
        ...{ id: 't1', track: 'a', image: { repository: 'docker.io/acme/a', tag: '1.0.0' }, sender: 'dockerhub' },
        ...{
          pushedAt: '2026-01-01T00:00:00Z',
          receivedAt: '2026-01-01T00:00:00Z',
          openedAt: '2026-01-01T00:00:00Z',
          sequence: 1,
          stations: [],
        },
        state: { is: 'completed', since: '2026-01-01T00:00:00Z' },
      };
      await bus.state.replace(stateKey.ticket('a', 't1'), JSON.stringify(ticket), 0);
      await bus.state.replace(stateKey.ticket('a', 't2'), '{"of": "another version"}', 0);
      const gone = (instance: string, name: string) =>
        bus.publish({
          type: 'application.gone',
          id: eventId('application.gone', instance, name),
          data: {
            instance,
            namespace: 'argocd',
            name,
            uid: 'u',
            resourceVersion: '1',
            observedAt: '2026-01-01T00:00:00Z',
          },
        });
      let changes = 0;
      const onChange = () => {
        changes += 1;
      };
      await gone('default', 'before');
      const facts: Facts = await follow({ tap, tracks: [], instances: ['default'], onChange });
      assert.deepEqual([facts.applications.size, facts.tickets.size], [1, 1], 'all that was there has been read');
      await gone('other', 'dev');
      await gone('default', 'dev');
      await until(() => facts.applications.size === 2);
      assert.deepEqual([...facts.applications.keys()], ['argocd/before', 'argocd/dev']);
      assert.equal(facts.tickets.get('a.t1')?.image.tag, '1.0.0');
      await bus.state.remove(stateKey.ticket('a', 't1'));
      await until(() => facts.tickets.size === 0);
      assert.ok(changes >= 4);
      await nats.kill();
      await until(() => facts.disconnectedSince !== undefined);
      await nats.restart();
      await until(() => facts.disconnectedSince === undefined);
    } finally {
      await tap.close();
      await bus.close();
      await nats.stop();
    }
  });
});
