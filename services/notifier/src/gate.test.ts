import assert from 'node:assert/strict';
import { Gate } from './gate.js';

describe('the gate of a receiver', () => {
  it('stays closed as long as the receiver asked for', () => {
    let now = 0;
    const gate = new Gate(() => now);
    assert.equal(gate.closed(), undefined);
    gate.failed('it answered 429', 7_000);
    assert.deepEqual(gate.closed(), { forMs: 7_000, why: 'it answered 429' });
    now = 7_000;
    assert.equal(gate.closed(), undefined);
    assert.equal(gate.fault, 'it answered 429', 'until something is sent');
    gate.succeeded();
    assert.equal(gate.fault, undefined);
  });

  it('stays closed longer with each failure, for half a minute at most', () => {
    const gate = new Gate(() => 0);
    const waits = Array.from({ length: 20 }, () => {
      gate.failed('no answer');
      return gate.closed()?.forMs ?? 0;
    });
    assert.ok((waits[0] ?? 0) <= 250);
    assert.ok((waits[19] ?? 0) >= 15_000 && waits.every((wait) => wait <= 30_000), `${waits}`);
  });

  it('lets two through at once', async () => {
    const gate = new Gate(() => 0);
    let [running, most] = [0, 0];
    const work = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    };
    await Promise.all(Array.from({ length: 10 }, () => gate.run(work)));
    assert.equal(most, 2);
  });
});
