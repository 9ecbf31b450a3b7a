import assert from 'node:assert/strict';
import { settled, TestClock } from './clock.fixture.js';
import { Refresher } from './refresh.js';
import { refused } from './source.fixture.js';
import type { Refusal } from './source.js';

const a = { namespace: 'argocd', name: 'a' };
const b = { namespace: 'argocd', name: 'b' };

describe('Refresher', () => {
  let clock: TestClock;
  let refresher: Refresher;
  let asked: string[];
  let warnings: number;
  let answer: Refusal | undefined;

  beforeEach(() => {
    clock = new TestClock();
    asked = [];
    warnings = 0;
    answer = undefined;
    refresher = new Refresher({
      ask: async ({ name }, now) => {
        asked.push(`${name} at ${now.toISOString().slice(17, 23)}`);
        return answer;
      },
      clock,
      log: {
        info() {},
        error() {},
        warn: () => {
          warnings += 1;
        },
      },
      onOutcome: () => {},
    });
  });

  it('asks immediately, and at most once more in that second, at its end', async () => {
    await Promise.all([refresher.refresh(a), refresher.refresh(b)]);
    clock.pass(300);
    const waiting = [refresher.refresh(a), refresher.refresh(a), refresher.refresh(a)];
    await settled();
    assert.deepEqual(asked, ['a at 00.000', 'b at 00.000']);
    clock.pass(700);
    assert.deepEqual(await Promise.all(waiting), [{ is: 'asked' }, { is: 'asked' }, { is: 'asked' }]);
    assert.deepEqual(asked.slice(2), ['a at 01.000']);
    clock.pass(999);
    const next = refresher.refresh(a);
    clock.pass(1);
    await next;
    clock.pass(1_000);
    await refresher.refresh(a);
    assert.deepEqual(asked.slice(3), ['a at 02.000', 'a at 03.000']);
  });

  for (const [kind, outcome] of [
    ['absent', { is: 'absent' }],
    ['forbidden', { is: 'refused' }],
    ['rejected', { is: 'refused' }],
    ['failed', { is: 'later', delayMs: 5_000, because: 'it is failed' }],
    ['unauthorized', { is: 'later', delayMs: 5_000, because: 'it is unauthorized' }],
  ] as const) {
    it(`continues after ${kind}`, async () => {
      answer = refused(kind).refusal;
      assert.deepEqual(await refresher.refresh(a), outcome);
    });
  }

  it('retries when the server asked it to', async () => {
    answer = refused('failed', { retryAfterMs: 9_000 }).refusal;
    assert.deepEqual(await refresher.refresh(a), { is: 'later', delayMs: 9_000, because: 'it is failed' });
  });

  it('logs a missing permission once, until it was granted', async () => {
    answer = refused('forbidden').refusal;
    await refresher.refresh(a);
    await refresher.refresh(b);
    assert.equal(warnings, 1);
    clock.pass(1_000);
    answer = undefined;
    await refresher.refresh(a);
    clock.pass(1_000);
    answer = refused('forbidden').refusal;
    await refresher.refresh(a);
    assert.equal(warnings, 2);
  });

  it('resolves every waiting request at shutdown', async () => {
    await refresher.refresh(a);
    const waiting = refresher.refresh(a);
    await refresher.stop();
    assert.deepEqual(await waiting, { is: 'asked' });
  });
});
