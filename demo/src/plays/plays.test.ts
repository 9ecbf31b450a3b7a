import assert from 'node:assert/strict';
import { demonstrateHere } from '../demo.fixture.js';
import { plays } from './index.js';

/** What the last line says when it really happened. A play rejects if it did not. */
const lastLines: Readonly<Record<string, RegExp>> = {
  approval: /waited for an approval, got it, and completed$/,
  check: /waited for the check "smoke" of stage, and completed when it had passed$/,
  soak: /had soaked at stage; both completed$/,
  rollback: /prod is back at 1\.4\.1: .*Degraded/,
  revert: /Pat Person .* changed it in [0-9a-f]{8}.*completed after the operator had resumed it$/,
  junction: /completed after 2 Stations, when the Tickets that it opened had \(emea: \w+, apac: \w+\)$/,
  express: /passed the approval and the soak of \w+: operator let Ticket .* pass: CVE-2026-1234/,
  'pull-request': /waited for http:\S+\/pull\/1, which ann merged as [0-9a-f]{8}, and completed$/,
};

describe('a scenario of the demo in which people act', () => {
  // The window opens after one or two minutes: too long for every run of the tests.
  for (const play of plays.filter(({ name }) => name !== 'window')) {
    const { name, what } = play;
    it(`${name}: ${what}`, async () => {
      const { lines, left } = await demonstrateHere({ named: play, sender: 'dockerhub' });
      assert.match(lines.at(-1) ?? '', lastLines[name] ?? /never/);
      assert.deepEqual(left, []);
    });
  }
});
