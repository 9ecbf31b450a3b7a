import assert from 'node:assert/strict';
import type { DataOf } from '@k8sta/contracts';
import { board } from './board.fixture.js';
import { applyToPauses, type Pause } from './pauses.js';

const word = (verb: 'pause' | 'resume', station?: string): DataOf<'operator.word'> => ({
  ...{ track: 'storefront', by: 'alice', message: 'the database moves', at: '2026-03-01T11:00:00Z', verb },
  ...(station !== undefined && { station }),
});

describe('pauses', () => {
  it('of a Track and of a Station end one by one, as in the tracker', () => {
    const pauses = new Map<string, Pause>();
    for (const each of [word('pause'), word('pause', 'prod')]) applyToPauses(pauses, each);
    assert.deepEqual([...pauses.keys()], ['storefront', 'storefront/prod']);
    applyToPauses(pauses, word('resume'));
    assert.deepEqual([...pauses.keys()], ['storefront/prod']);
    applyToPauses(pauses, word('resume', 'prod'));
    assert.equal(pauses.size, 0);
  });

  it('are on the board with who and why', () => {
    const pauses = new Map<string, Pause>();
    for (const each of [word('pause'), word('pause', 'prod')]) applyToPauses(pauses, each);
    const paused = board({ pauses }).filter((line) => line.includes('paused'));
    assert.deepEqual(paused, Array(2).fill('  ‖ paused by alice 1h ago  the database moves'));
  });
});
