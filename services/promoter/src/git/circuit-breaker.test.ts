import assert from 'node:assert/strict';
import { Remotes } from './circuit-breaker.js';

const at = (ms: number) => new Date(Date.UTC(2026, 0, 1) + ms);

describe('remotes', () => {
  it('are left alone for longer and longer, up to half a minute', () => {
    const remotes = new Remotes();
    assert.deepEqual(
      [0, 1, 2, 3, 4].map(() => remotes.failed('a', 'hung', at(0))),
      [1_000, 3_000, 10_000, 30_000, 30_000],
    );
  });

  it('are asked again when the pause is over, and begin anew once they answer', () => {
    const remotes = new Remotes();
    remotes.failed('a', 'hung', at(0));
    assert.deepEqual(remotes.away('a', at(400)), { pauseMs: 600, why: 'hung' });
    assert.equal(remotes.away('a', at(1_000)), undefined);
    assert.equal(remotes.away('b', at(0)), undefined);
    assert.equal(remotes.lastFailure('a'), 'hung');
    remotes.answered('a');
    assert.equal(remotes.lastFailure('a'), undefined);
    assert.equal(remotes.failed('a', 'hung', at(2_000)), 1_000);
  });

  it('are not remembered for ever', () => {
    const remotes = new Remotes();
    remotes.failed('a', 'hung', at(0));
    remotes.failed('b', 'hung', at(20 * 60_000));
    assert.equal(remotes.lastFailure('a'), undefined);
  });
});
