import assert from 'node:assert/strict';
import { parseChallenge } from './challenge.js';
import { retryAfterMs } from './http.js';

describe('what a registry answers when it refuses', () => {
  it('is a challenge for a token or for a password; a token is preferred', () => {
    assert.deepEqual(
      parseChallenge(
        'Bearer realm="https://auth.example.com/token",service="a, \\"b\\"",scope="repository:x:pull,push"',
      ),
      {
        scheme: 'bearer',
        parameters: { realm: 'https://auth.example.com/token', service: 'a, "b"', scope: 'repository:x:pull,push' },
      },
    );
    assert.deepEqual(parseChallenge('Basic realm="x"'), { scheme: 'basic', parameters: { realm: 'x' } });
    const both = parseChallenge('basic realm="x", BEARER realm=https://y.example.com , service=z');
    assert.deepEqual(both, { scheme: 'bearer', parameters: { realm: 'https://y.example.com', service: 'z' } });
    assert.equal(parseChallenge('Negotiate'), undefined);
    assert.equal(parseChallenge(null), undefined);
    assert.equal(parseChallenge('"'.repeat(100_000)), undefined);
  });

  it('is a time to wait, in seconds or as a date, of at most an hour', () => {
    const now = new Date('2026-01-02T03:04:05Z');
    const after = (value?: string) =>
      retryAfterMs(new Headers(value === undefined ? {} : { 'retry-after': value }), now);
    assert.equal(after('120'), 120_000);
    assert.equal(after('Fri, 02 Jan 2026 03:05:05 GMT'), 60_000);
    assert.equal(after('Fri, 02 Jan 2026 03:00:00 GMT'), 0);
    assert.equal(after('999999'), 3_600_000);
    assert.equal(after('soon'), undefined);
    assert.equal(after(), undefined);
  });
});
