import assert from 'node:assert/strict';
import { backoffMs } from './backoff.js';

describe('backoffMs', () => {
  it('doubles from a quarter of a second up to 30 s', () => {
    assert.deepEqual(
      [1, 2, 3, 7, 8, 1_000_000].map((failures) => backoffMs(failures, 1)),
      [250, 500, 1_000, 16_000, 30_000, 30_000],
    );
  });

  it('subtracts up to a half as jitter', () => {
    assert.deepEqual([backoffMs(3, 0), backoffMs(3, 0.5)], [500, 750]);
  });
});
