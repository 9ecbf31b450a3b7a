import assert from 'node:assert/strict';
import { CircuitBreaker } from './circuit-breaker.js';

const at = (ms: number) => new Date(Date.UTC(2026, 0, 1) + ms);

describe('a circuit breaker', () => {
  it('pauses longer after each failure, up to half a minute', () => {
    const breaker = new CircuitBreaker();
    assert.deepEqual(
      [0, 1, 2, 3, 4].map(() => breaker.failed('a', 'hung', at(0))),
      [1_000, 3_000, 10_000, 30_000, 30_000],
    );
  });

  it('lets a remote be tried after the pause, and starts with the shortest pause after a success', () => {
    const breaker = new CircuitBreaker();
    breaker.failed('a', 'hung', at(0));
    assert.deepEqual(breaker.open(['a'], at(400)), { pauseMs: 600, why: 'hung' });
    assert.equal(breaker.open(['a'], at(1_000)), undefined);
    assert.equal(breaker.open(['b'], at(0)), undefined);
    assert.deepEqual(breaker.open(['b', 'a'], at(400)), { pauseMs: 600, why: 'hung' });
    assert.equal(breaker.lastFailure(['a']), 'hung');
    breaker.succeeded('a');
    assert.equal(breaker.lastFailure(['a']), undefined);
    assert.equal(breaker.failed('a', 'hung', at(2_000)), 1_000);
  });

  it('forgets a remote after ten minutes', () => {
    const breaker = new CircuitBreaker();
    breaker.failed('a', 'hung', at(0));
    breaker.failed('b', 'hung', at(20 * 60_000));
    assert.equal(breaker.lastFailure(['a']), undefined);
  });
});
