import assert from 'node:assert/strict';
import { atOnce } from './at-once.js';

describe('atOnce', () => {
  it('works on at most that many items at a time, and on each once', async () => {
    const items = Array.from({ length: 20 }, (_, index) => index);
    const done: number[] = [];
    let running = 0;
    let most = 0;
    await atOnce(3, items, async (item) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      running -= 1;
      done.push(item);
    });
    assert.equal(most, 3);
    assert.deepEqual(
      done.toSorted((a, b) => a - b),
      items,
    );
  });

  it('rejects with the first failure and starts no more work', async () => {
    const started: number[] = [];
    const working = atOnce(2, [0, 1, 2, 3, 4, 5], async (item) => {
      started.push(item);
      await new Promise(setImmediate);
      if (item === 1) throw new Error('broken');
    });
    await assert.rejects(working, /broken/);
    await new Promise(setImmediate);
    assert.ok(started.length < 5, `${started}`);
  });
});
