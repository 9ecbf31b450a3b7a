import assert from 'node:assert/strict';
import { boardLines, follow } from '@k8sta/board';
import { openTap } from '@k8sta/bus';
import { until } from '@k8sta/sandbox';
import { loadTracks } from '@k8sta/tracks';
import { sharedSystem } from './shared-system.js';
import type { TestSystem } from './test-system.js';

/** It comes before the ride, which shares its railway: it needs one on which nothing has happened. */
describe('on day 0, when a Track is loaded for Applications that already run', () => {
  let railway: TestSystem;
  before(async () => {
    railway = await sharedSystem('plain');
  });

  it('the board shows what runs, nothing is committed, and a first push rides from there', async () => {
    const tap = await openTap(railway.nats.as('tap'));
    try {
      const facts = await follow({
        tap,
        tracks: await loadTracks([railway.tracks]),
        instances: ['default'],
        onChange() {},
      });
      await until(() => facts.applications.size === railway.applications.length);
      // The tracker as well has seen them all, twice: it was told that the picture is current, and started again.
      await railway.services.tracker.kill('SIGTERM');
      await railway.services.tracker.restart();
      await railway.services.tracker.ready();
      const board = boardLines(facts, new Date(), { columns: 120, rows: 24 }).map((line) =>
        line.map(({ text }) => text).join(''),
      );
      for (const station of Object.keys(railway.line.stations)) {
        assert.ok(
          board.some((line) => line.includes(`● ${station}`) && line.includes(` ${railway.line.tag} `)),
          `${board.join('\n')}\nshows what runs at ${station}`,
        );
      }
      assert.deepEqual(railway.tap.all(), []);
      assert.equal((await railway.repository.log()).length, 1, 'only the commit that was there before');
      const ticket = await railway.pushUntilAccepted('1.4.2');
      await railway.tap.completed(ticket);
      assert.equal((await railway.repository.log()).length, 4);
    } finally {
      await tap.close();
    }
  });
});
