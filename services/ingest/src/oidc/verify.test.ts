import assert from 'node:assert/strict';
import { type Issuer, startIssuer, type TokenChange } from '@k8sta/sandbox';
import { oidcToken } from '../senders/proof.js';
import { named } from '../senders/proven.fixture.js';
import { TokenVerifier } from './verify.js';

const minute = 60;
const accepted = { acceptedBy: 'test:1' };
const claims = { aud: 'k8sta', sub: 'repo:acme/app:ref:refs/heads/main', repository: 'acme/app' };
const seconds = () => Math.floor(Date.now() / 1000);

describe('the verification of an OIDC token', () => {
  let issuer: Issuer;
  let verifier: TokenVerifier;
  let clock: number;
  let lines: string[];

  beforeEach(async () => {
    issuer = await startIssuer();
    clock = 0;
    const now = () => new Date(Date.now() + clock);
    verifier = new TokenVerifier({ now, timeoutMs: 1_000, cooldownMs: 0 });
    lines = [JSON.stringify({ issuer: issuer.url, audience: 'k8sta', claims: { repository: 'acme/app' } })];
  });
  afterEach(() => issuer.stop());

  const verify = (token: string) => verifier.verify(oidcToken(), named(...lines), token);
  const refused = async (change: object, how: TokenChange = {}) => {
    const unverified = await verify(await issuer.token({ ...claims, ...change }, how));
    assert.ok('refused' in unverified, JSON.stringify(unverified));
    return unverified.refused;
  };

  it('accepts a token of the issuer for us about the right repository, and fetches the keys once', async () => {
    for (let time = 0; time < 5; time++) assert.deepEqual(await verify(await issuer.token(claims)), accepted);
    assert.deepEqual(await verify(await issuer.token({ ...claims, aud: ['other', 'k8sta'] })), accepted);
    assert.deepEqual(issuer.requests, ['/.well-known/openid-configuration', '/jwks']);
  });

  it('asks for no key if the token would not be accepted with its signature', async () => {
    assert.equal(await refused({ iss: 'https://gitlab.com' }), 'the token has another issuer');
    assert.equal(await refused({ aud: 'other' }), 'the token is for another audience');
    assert.equal(await refused({ aud: undefined }), 'the token is for another audience');
    assert.equal(await refused({ repository: 'eve/app' }), 'the token has another value of repository');
    assert.equal(await refused({}, { kid: null }), 'the token does not name its key (kid)');
    assert.deepEqual(issuer.requests, []);
  });

  it('refuses a signature that is not of the issuer', async () => {
    assert.equal(await refused({}, { forged: true }), 'the signature of the token is wrong');
    assert.equal(await refused({}, { kid: 'nobody' }), 'the issuer has no key of that name (kid)');
    const [header = '', , signature = ''] = (await issuer.token({ ...claims, repository: 'eve/app' })).split('.');
    const payload = (await issuer.token(claims)).split('.')[1];
    assert.deepEqual(await verify([header, payload, signature].join('.')), {
      refused: 'the signature of the token is wrong',
    });
  });

  it('allows only algorithms with a public key', async () => {
    const [, payload, signature] = (await issuer.token(claims)).split('.');
    for (const alg of ['none', 'HS256', 'RS1', '', undefined]) {
      const header = Buffer.from(JSON.stringify({ alg, kid: '1' })).toString('base64url');
      assert.deepEqual(
        await verify([header, payload, signature].join('.')),
        { refused: 'the token is not signed with an allowed algorithm' },
        alg,
      );
    }
    for (const token of ['', 'a.b.c', '..', 'e30.e30.e30']) assert.ok('refused' in (await verify(token)), token);
  });

  it('bounds when a token is valid, with a minute of skew', async () => {
    const now = seconds();
    assert.deepEqual(await verify(await issuer.token({ ...claims, exp: now - 50 })), accepted);
    assert.deepEqual(await verify(await issuer.token({ ...claims, nbf: now + 50, iat: now + 50 })), accepted);
    assert.equal(await refused({ exp: now - 2 * minute }), 'the token has expired');
    assert.match(await refused({ nbf: now + 2 * minute }), /claim nbf is not valid/);
    assert.match(await refused({ iat: now + 2 * minute }), /claim iat is not valid/);
    assert.match(await refused({ exp: undefined }), /claim exp is not valid/);
    assert.match(await refused({ iat: undefined }), /claim iat is not valid/);
    const dayAgo = now - 25 * 60 * minute;
    assert.equal(await refused({ iat: dayAgo, nbf: dayAgo, exp: now + 1_000 * minute }), 'the token has expired');
  });

  it('follows the rotation of the keys, and accepts no key for long that the issuer has taken back', async () => {
    const old = await issuer.token(claims);
    assert.deepEqual(await verify(old), accepted);
    await issuer.rotate();
    assert.deepEqual(await verify(await issuer.token(claims)), accepted);
    assert.deepEqual(await verify(old), { refused: 'the issuer has no key of that name (kid)' });
  });

  it('asks an issuer at most once in a cool-down for the keys of strangers', async () => {
    verifier = new TokenVerifier({ now: () => new Date(), cooldownMs: 60_000 });
    for (let kid = 10; kid < 30; kid++) await refused({}, { kid: String(kid) });
    assert.equal(issuer.requests.length, 2);
    issuer.behave('fails');
    verifier = new TokenVerifier({ now: () => new Date(), cooldownMs: 60_000 });
    for (let time = 0; time < 20; time++) assert.ok('unavailable' in (await verify(await issuer.token(claims))));
    assert.equal(issuer.requests.length, 3);
  });

  it('says that it cannot verify while the issuer misbehaves, and verifies once it does not', async () => {
    const token = await issuer.token(claims);
    const said: Record<string, string> = {};
    for (const how of ['fails', 'floods', 'babbles', 'redirects', 'impersonates', 'hangs'] as const) {
      issuer.behave(how);
      const unverified = await verify(token);
      assert.ok('unavailable' in unverified, how);
      said[how] = String(unverified.unavailable);
    }
    assert.deepEqual(said, {
      fails: 'the issuer has no OpenID configuration',
      floods: 'the issuer answered with more than 262144 bytes',
      babbles: 'the issuer has no OpenID configuration',
      redirects: said['redirects'],
      impersonates: 'the OpenID configuration is that of another issuer',
      hangs: 'the issuer does not answer: it took too long',
    });
    issuer.behave('well');
    assert.deepEqual(await verify(token), accepted);
  });

  it('says so if the keys alone cannot be fetched', async () => {
    assert.deepEqual(await verify(await issuer.token(claims)), accepted);
    await issuer.rotate();
    const token = await issuer.token(claims);
    for (const how of ['fails', 'floods', 'babbles', 'redirects'] as const) {
      issuer.behave(how);
      assert.ok('unavailable' in (await verify(token)), how);
    }
    issuer.behave('well');
    assert.deepEqual(await verify(token), accepted);
  });
});
