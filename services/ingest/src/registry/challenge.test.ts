import assert from 'node:assert/strict';
import { parseChallenge } from './challenge.js';

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
});
