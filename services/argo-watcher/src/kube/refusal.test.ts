import assert from 'node:assert/strict';
import { type Attempt, refusalOf, refusalOfEvent } from './refusal.js';

const attempt: Attempt = { verb: 'list', plural: 'applications', namespace: undefined };

describe('refusalOf', () => {
  for (const [code, kind] of [
    [400, 'rejected'],
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [404, 'absent'],
    [409, 'failed'],
    [410, 'expired'],
    [422, 'rejected'],
    [429, 'failed'],
    [500, 'failed'],
    [503, 'failed'],
  ] as const) {
    it(`reads ${code} as ${kind}`, () => assert.equal(refusalOf(attempt, code, '').kind, kind));
  }

  it('reads how long to wait from the header, which proxies send as well, or from the status', () => {
    const status = JSON.stringify({ details: { retryAfterSeconds: 2 } });
    assert.equal(refusalOf(attempt, 503, '<html>busy</html>', '9').retryAfterMs, 9_000);
    assert.equal(refusalOf(attempt, 503, status).retryAfterMs, 2_000);
    assert.equal(refusalOf(attempt, 503, status, '9').retryAfterMs, 9_000);
  });

  it('ignores an invalid time and bounds a long one', () => {
    assert.equal('retryAfterMs' in refusalOf(attempt, 503, '', 'soon'), false);
    assert.equal('retryAfterMs' in refusalOf(attempt, 503, '', '-1'), false);
    assert.equal(refusalOf(attempt, 503, '', '86400').retryAfterMs, 300_000);
  });

  it("says what is missing and where, with the server's message, bounded", () => {
    const { words } = refusalOf(attempt, 403, { message: `no\n\u202Eway ${'x'.repeat(10_000)}` });
    assert.match(
      words,
      /^the verb "list" on applications\.argoproj\.io in all namespaces is not granted.*see the Role.*It said: no way x/,
    );
    assert.ok(words.length < 1_000);
    assert.match(
      refusalOf({ verb: 'watch', plural: 'appprojects', namespace: 'teams' }, 404, '').words,
      /no such appprojects\.argoproj\.io in namespace "teams" \(404\)/,
    );
  });

  it('reads the code of an ERROR event from its object', () => {
    assert.equal(refusalOfEvent(attempt, { code: 410 }).kind, 'expired');
    assert.equal(refusalOfEvent(attempt, 'nonsense').kind, 'failed');
  });
});
