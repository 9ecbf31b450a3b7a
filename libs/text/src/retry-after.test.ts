import assert from 'node:assert/strict';
import { retryAfterMs } from './retry-after.js';

describe('retryAfterMs', () => {
  const now = Date.parse('2026-01-02T03:04:05Z');

  it('reads seconds or a date, and waits at most an hour', () => {
    for (const [header, ms] of [
      ['0', 0],
      ['120', 120_000],
      [' 0.5 ', 500],
      ['999999999', 3_600_000],
      ['9'.repeat(400), 3_600_000],
      ['Fri, 02 Jan 2026 03:05:05 GMT', 60_000],
      ['Fri, 02 Jan 2026 03:00:00 GMT', 0],
      ['Fri, 02 Jan 2099 03:00:00 GMT', 3_600_000],
    ] as const) {
      assert.equal(retryAfterMs(header, now), ms, header);
    }
  });

  it('is undefined where the header asks for nothing', () => {
    for (const header of ['', ' ', 'soon', null, undefined]) assert.equal(retryAfterMs(header, now), undefined);
  });
});
