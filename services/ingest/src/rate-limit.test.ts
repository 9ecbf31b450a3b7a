import assert from 'node:assert/strict';
import { RateLimit } from './rate-limit.js';

const at = (seconds: number) => new Date(1_000_000 + seconds * 1000);

describe('the rate limit', () => {
  it('allows a burst, then so many webhooks in each second, and says when there is room again', () => {
    const limit = new RateLimit(2, 3);
    assert.deepEqual(
      [0, 0, 0, 0].map((seconds) => limit.take('ghcr', at(seconds))),
      [0, 0, 0, 1],
    );
    assert.equal(limit.take('ghcr', at(0.5)), 0);
    assert.equal(limit.take('ghcr', at(0.5)), 1);
    assert.deepEqual(
      [60, 60, 60, 60].map((seconds) => limit.take('ghcr', at(seconds))),
      [0, 0, 0, 1],
      'never more than a burst',
    );
  });

  it('counts each sender by itself', () => {
    const limit = new RateLimit(1, 1);
    assert.equal(limit.take('ghcr', at(0)), 0);
    assert.equal(limit.take('quay', at(0)), 0);
    assert.equal(limit.take('ghcr', at(0)), 1);
  });

  it('gives nothing for a clock that is set back, and recovers from it', () => {
    const limit = new RateLimit(1, 1);
    assert.equal(limit.take('ghcr', at(100)), 0);
    assert.equal(limit.take('ghcr', at(0)), 1);
    assert.equal(limit.take('ghcr', at(1)), 0);
  });

  it('is off at 0', () => {
    const limit = new RateLimit(0);
    for (let time = 0; time < 1_000; time++) assert.equal(limit.take('ghcr', at(0)), 0);
  });
});
