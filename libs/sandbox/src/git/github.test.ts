import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { SignJWT } from 'jose';
import { type GitHub, startGitHub } from './github.js';

describe("the stand-in for GitHub's API", () => {
  let ahead = 0;
  let github: GitHub;

  before(async () => {
    github = await startGitHub({ now: () => Date.now() + ahead });
  });
  afterEach(() => {
    ahead = 0;
    github.limit(undefined);
  });
  after(() => github.stop());

  const now = () => Math.floor((Date.now() + ahead) / 1_000);

  function jwt({ iss = github.appId, iat = now() - 60, exp = now() + 540 } = {}): Promise<string> {
    const key = createPrivateKey(github.privateKey);
    return new SignJWT({ iss, iat, exp }).setProtectedHeader({ alg: 'RS256' }).sign(key);
  }

  async function ask(bearer: string, installation = github.installationId) {
    const answer = await fetch(`${github.api}/app/installations/${installation}/access_tokens`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}` },
    });
    const { message, token } = (await answer.json()) as { message?: string; token?: string };
    return { status: answer.status, message, token, headers: answer.headers };
  }

  it('makes a token that is valid for an hour', async () => {
    const { status, token = '' } = await ask(await jwt());
    assert.equal(status, 201);
    assert.match(token, /^ghs_/);
    assert.ok(github.accepts('x-access-token', token));
    assert.ok(!github.accepts('git', token));
    ahead = 3_601_000;
    assert.ok(!github.accepts('x-access-token', token));
  });

  it('refuses a JSON Web Token with a wrong signature, issuer or time', async () => {
    const signed = await jwt();
    const cases: [token: string, status: number, message: RegExp][] = [
      ['', 401, /could not be decoded/],
      [`${signed.slice(0, -8)}AAAAAAAA`, 401, /could not be decoded/],
      [await jwt({ iss: '1' }), 404, /Integration not found/],
      [await jwt({ iat: now() + 60 }), 401, /'iat'/],
      [await jwt({ exp: now() + 700 }), 401, /too far in the future/],
      [await jwt({ iat: now() - 700, exp: now() - 60 }), 401, /'exp'/],
    ];
    for (const [token, status, message] of cases) {
      const answer = await ask(token);
      assert.equal(answer.status, status, String(message));
      assert.match(answer.message ?? '', message);
    }
  });

  it('refuses another installation, and too many requests', async () => {
    assert.equal((await ask(await jwt(), '1')).status, 404);
    github.limit(new Date(Date.now() + 60_000));
    const { status, headers } = await ask(await jwt());
    assert.equal(status, 403);
    assert.equal(headers.get('x-ratelimit-remaining'), '0');
    assert.ok(Number(headers.get('x-ratelimit-reset')) > now());
  });
});
