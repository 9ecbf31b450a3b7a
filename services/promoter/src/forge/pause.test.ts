import assert from 'node:assert/strict';
import { rateLimitPause, retryAfter } from './pause.js';

const now = Date.UTC(2026, 0, 1);
const reset = String(now / 1_000 + 90);

describe('the pause that a forge asks for', () => {
  it('is in its headers, as seconds, as a date, or as the time of the reset', () => {
    const pause = (headers: Record<string, string>, status = 403, said = '') =>
      rateLimitPause({ status, headers, said }, now);
    assert.equal(pause({ 'retry-after': '30' }), 30_000);
    assert.equal(pause({ 'retry-after': new Date(now + 5_000).toUTCString() }, 429), 5_000);
    assert.equal(pause({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }), 90_000);
    assert.equal(pause({ 'ratelimit-remaining': '0', 'ratelimit-reset': reset }, 429), 90_000);
  });

  it('is a minute where the forge names no time', () => {
    assert.equal(rateLimitPause({ status: 429, headers: {}, said: '' }, now), 60_000);
    const said = 'You have exceeded a secondary rate limit.';
    assert.equal(rateLimitPause({ status: 403, headers: { 'x-ratelimit-remaining': '4000' }, said }, now), 60_000);
  });

  it('is not asked for by other refusals', () => {
    const said = 'Resource not accessible by integration';
    const headers = { 'x-ratelimit-remaining': '4000', 'x-ratelimit-reset': reset };
    assert.equal(rateLimitPause({ status: 403, headers, said }, now), undefined);
    assert.equal(rateLimitPause({ status: 404, headers: { 'x-ratelimit-remaining': '0' }, said }, now), undefined);
  });

  it('is at most an hour', () => {
    assert.equal(retryAfter({ 'retry-after': '999999999' }, now), 3_600_000);
    assert.equal(retryAfter({ 'retry-after': 'soon' }, now), undefined);
  });
});
