import assert from 'node:assert/strict';
import { parseDuration } from './duration.js';

describe('a duration', () => {
  it('has hours, minutes and seconds, the largest unit first', () => {
    const minute = 60_000;
    assert.deepEqual(['90s', '10m', '1h30m', '2h', '1h0m5s', '0s'].map(parseDuration), [
      1.5 * minute,
      10 * minute,
      90 * minute,
      120 * minute,
      60 * minute + 5_000,
      0,
    ]);
  });

  it('has no other form', () => {
    for (const text of ['', 'h', '10', '10 m', '30m1h', '1.5h', '-1m', '1d', '10ms', '9999999h', '1m\n']) {
      assert.equal(parseDuration(text), undefined, text);
    }
  });
});
