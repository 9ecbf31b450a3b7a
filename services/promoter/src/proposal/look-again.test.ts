import assert from 'node:assert/strict';
import { lookAgainMs, lookSoonMs } from './look-again.js';

describe('the next look at a pull request', () => {
  it('comes after 15 s, and then ever later, up to five minutes', () => {
    const delays = [1, 2, 3, 4, 5, 6, 1_000].map((deliveries) => lookAgainMs(deliveries, 1) / 1_000);
    assert.deepEqual(delays, [15, 30, 60, 120, 240, 300, 300]);
  });

  it('comes after 5 s where something is about to change, and later if that takes long', () => {
    const delays = [1, 2, 3, 7, 8, 1_000].map((looks) => lookSoonMs(looks) / 1_000);
    assert.deepEqual(delays, [5, 10, 20, 300, 300, 300]);
  });

  it('is spread, and never later than that', () => {
    assert.equal(lookAgainMs(1, 0), 11_250);
  });
});
