import assert from 'node:assert/strict';
import { median, percentile } from './statistics.js';

describe('the statistics of the benches', () => {
  it('has the median of an odd and of an even number of values', () => {
    assert.equal(median([3, 1, 2]), 2);
    assert.equal(median([4, 1, 2, 3]), 2.5);
  });

  it('has percentiles', () => {
    const hundred = Array.from({ length: 100 }, (_, at) => at + 1);
    assert.deepEqual([percentile(hundred, 0.5), percentile(hundred, 0.99), percentile([7], 0.99)], [50, 99, 7]);
  });
});
