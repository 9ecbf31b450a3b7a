import assert from 'node:assert/strict';
import { hmac, literalHeader, matchingSecret, oidcToken, pathSecret, presentedProof, signingSecret } from './proof.js';
import { named } from './proven.fixture.js';

const one = 'one-secret-of-enough-characters';
const two = 'two-secret-of-enough-characters';
const github = hmac('X-Hub-Signature-256', { algorithm: 'sha256', prefix: 'sha256=', encoding: 'hex' });

describe('matchingSecret', () => {
  it('names the secret that was presented, and only as a whole', () => {
    assert.equal(matchingSecret(named(one, two), one), 'test:1');
    assert.equal(matchingSecret(named(one, two), two), 'test:2');
    for (const wrong of ['', one.slice(1), `${one}x`, one.toUpperCase(), `${one}\n${two}`, encodeURIComponent('ü')]) {
      assert.equal(matchingSecret(named(one, two), wrong), undefined, wrong);
    }
    assert.equal(matchingSecret([], ''), undefined);
  });
});

describe('signingSecret', () => {
  it("accepts GitHub's documented example", () => {
    // https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries#testing-the-webhook-payload-validation
    const presented = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
    const bytes = Buffer.from('Hello, World!');
    assert.equal(signingSecret(github, named(one, "It's a Secret to Everybody"), bytes, presented), 'test:2');
    assert.equal(signingSecret(github, named(one), bytes, presented), undefined);
    assert.equal(
      signingSecret(github, named("It's a Secret to Everybody"), Buffer.from('Hello, World?'), presented),
      undefined,
    );
    assert.equal(signingSecret(github, named(), bytes, presented), undefined);
  });

  it('signs with the algorithm and the encoding of the sender', () => {
    // RFC 2202 and RFC 4231, test case 2.
    const bytes = Buffer.from('what do ya want for nothing?');
    const sha1 = hmac('X', { algorithm: 'sha1', prefix: '', encoding: 'hex' });
    assert.equal(signingSecret(sha1, named('Jefe'), bytes, 'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79'), 'test:1');
    const sha256 = hmac('X', { algorithm: 'sha256', prefix: 'v1,', encoding: 'base64' });
    assert.equal(
      signingSecret(sha256, named('Jefe'), bytes, 'v1,W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM='),
      'test:1',
    );
    const sha512 = hmac('X', { algorithm: 'sha512', prefix: '', encoding: 'hex' });
    const digest =
      '164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737';
    assert.equal(signingSecret(sha512, named('Jefe'), bytes, digest), 'test:1');
    for (const each of [sha1, sha256, sha512]) assert.equal(signingSecret(each, named('Jefe'), bytes, ''), undefined);
  });
});

describe('presentedProof', () => {
  const presented = (proof: Parameters<typeof presentedProof>[0], header: string | string[] | undefined) =>
    presentedProof(proof, { headers: { 'x-hub-signature-256': header, authorization: header }, pathSecret: one });

  it('takes a secret from the path or from a header', () => {
    assert.equal(presented(pathSecret, undefined), one);
    assert.equal(presented(literalHeader('Authorization'), two), two);
    assert.equal(presented(literalHeader('Authorization'), undefined), undefined);
    assert.equal(presented(literalHeader('Authorization'), [one, two]), undefined);
  });

  it('takes a header only if it can be a signature, so that no body is read for any other', () => {
    const digest = 'a'.repeat(64);
    assert.equal(presented(github, `sha256=${digest}`), `sha256=${digest}`);
    for (const header of [undefined, '', digest, `sha1=${digest}`, `sha256=${digest}a`, `sha256=${digest.slice(1)}`]) {
      assert.equal(presented(github, header), undefined, header);
    }
    const base64 = hmac('Authorization', { algorithm: 'sha1', prefix: '', encoding: 'base64' });
    assert.equal(presented(base64, '3nybhbi3iqa8ino29wqQcBydtNk='), '3nybhbi3iqa8ino29wqQcBydtNk=');
  });

  it('takes a bearer token only if it has the three parts of a JWT', () => {
    assert.equal(presented(oidcToken(), 'Bearer aa.b-b.c_c'), 'aa.b-b.c_c');
    assert.equal(presented(oidcToken(), 'bearer a.b.c'), 'a.b.c');
    for (const header of [
      undefined,
      '',
      'Bearer x',
      'a.b.c',
      'Basic a.b.c',
      'Bearer a.b.c.d.e',
      'Bearer a.b.',
      ['a.b.c'],
    ]) {
      assert.equal(presented(oidcToken(), header), undefined, String(header));
    }
  });
});
