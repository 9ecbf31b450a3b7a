import assert from 'node:assert/strict';
import { promotionsOf } from './as-if-nothing-happened.js';
import { sharedSystem } from './shared-system.js';
import type { TestSystem } from './test-system.js';

/** Correctness never depends on a service having a single replica. */
describe('two of every service', () => {
  let railway: TestSystem;

  before(async () => {
    railway = await sharedSystem('threeLines');
    for (const name of ['tracker', 'argo-watcher'] as const) await railway.replica(name);
    await railway.replica('promoter', { K8STA_MIRRORS: `${railway.directory}/mirrors-2` });
    await railway.replica('ingest', { K8STA_HTTP_PORT: '0' });
  });

  it('handle five pushes at once: every Ticket ends, none commits twice or overtakes, the newest is completed', async () => {
    const patches = [1, 2, 3, 4, 5];
    const tickets = await Promise.all(patches.map((patch) => railway.pushUntilAccepted(`7.0.${patch}`)));
    const endings = ['ticket.completed', 'ticket.superseded'] as const;
    const ends = await Promise.all(
      tickets.map((ticket) =>
        Promise.race(endings.map((type) => railway.tap.find(type, ({ data }) => data.ticket === ticket))),
      ),
    );
    assert.ok(ends.some(({ type }) => type === 'ticket.completed'));
    for (const [at, ticket] of tickets.entries()) {
      const promotions = await promotionsOf(railway, ticket);
      const stations = Object.keys(railway.line.stations).slice(0, promotions.length);
      assert.deepEqual(
        promotions,
        stations.map((station) => `${ticket}/${station}/1/0`),
        'each Station once, in order',
      );
      if (ends[at]?.type === 'ticket.completed') assert.equal(promotions.length, 3);
    }
    const entries = (await railway.repository.log()).filter(({ trailers }) => trailers['K8sTA-Ticket']);
    const lastOf = (station: string) =>
      entries.findLast(({ trailers }) => trailers['K8sTA-Station'] === station)?.trailers['K8sTA-Ticket'];
    assert.equal(
      new Set(['dev', 'stage', 'prod'].map(lastOf)).size,
      1,
      'the same Ticket is the last one at every Station',
    );
  });
});
