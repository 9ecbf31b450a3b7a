import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createCertificate, type GitHub, startGitHub, temporaryDirectory } from '@k8sta/sandbox';
import { CredentialsInvalid, type GitHubApp } from './credential.js';
import { InstallationTokens } from './github-app.js';

const direct = { proxy: undefined, ca: undefined };
const minutes = 60_000;

describe('the installation token of a GitHub App', () => {
  let ahead: number;
  let github: GitHub;
  let app: GitHubApp;
  let tokens: InstallationTokens;

  const now = () => Date.now() + ahead;

  beforeEach(async () => {
    ahead = 0;
    github = await startGitHub({ now });
    const { api, appId, installationId, privateKey } = github;
    app = { api, appId, installationId, privateKey };
    tokens = new InstallationTokens(now);
  });
  afterEach(() => github.stop());

  const refused = (change: Partial<GitHubApp>, message: RegExp) =>
    assert.rejects(tokens.token({ ...app, ...change }, direct), (error: Error) => {
      assert.ok(error instanceof CredentialsInvalid);
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /PRIVATE KEY|eyJ/);
      return true;
    });

  it('is made once for all jobs, and again before it expires', async () => {
    const [one, other] = await Promise.all([tokens.token(app, direct), tokens.token(app, direct)]);
    assert.equal(one?.token, other?.token);
    assert.ok(github.accepts('x-access-token', one?.token ?? ''));
    ahead = 49 * minutes;
    assert.equal((await tokens.token(app, direct)).token, one?.token);
    assert.equal(github.created, 1);
    ahead = 51 * minutes;
    const next = await tokens.token(app, direct);
    assert.notEqual(next.token, one?.token);
    assert.ok(github.accepts('x-access-token', next.token));
  });

  it('is made again after Git has rejected it', async () => {
    const { token } = await tokens.token(app, direct);
    github.revoke();
    tokens.reject(app, token);
    assert.ok(github.accepts('x-access-token', (await tokens.token(app, direct)).token));
  });

  it('is not made, and the message says what to correct', async () => {
    const privateKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
    }) as string;
    await refused({ privateKey }, /answered 401 .*githubAppPrivateKey do not belong together.*could not be decoded\)/);
    await refused({ appId: '1' }, /answered 404 .*\(Integration not found\)/);
    await refused({ installationId: '1' }, /answered 404 .*githubAppInstallationID 1 is not an installation/);
    await refused(
      { api: 'http://127.0.0.1:1' },
      /127\.0\.0\.1:1 cannot be reached for an installation token: .*REFUSED/,
    );
  });

  it('is not made by a server that quotes the request, and the message does not', async () => {
    const server = createServer(({ headers }, response) => {
      response.writeHead(400).end(JSON.stringify({ message: `no ${headers.authorization}` }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await refused({ api: `http://127.0.0.1:${port}` }, /answered 400 .*\(no Bearer \*\*\*\)$/);
    server.close();
  });

  it('is not asked for again before the rate limit ends', async () => {
    github.limit(new Date(now() + 10 * minutes));
    await refused({}, /answered 403 .*it limits requests.*rate limit exceeded/);
    github.limit(undefined);
    await refused({}, /answered 403/);
    assert.equal(github.created, 0);
    ahead = 11 * minutes;
    assert.ok((await tokens.token(app, direct)).token);
  });

  it('is made over TLS with the given certificate authorities only', async () => {
    const directory = await temporaryDirectory('github');
    const certificate = await createCertificate(directory.path, 'github');
    const secure = await startGitHub({ now, certificate });
    const { api, appId, installationId, privateKey } = secure;
    const ofSecure = { api, appId, installationId, privateKey };
    await assert.rejects(tokens.token(ofSecure, direct), /cannot be reached for an installation token: .*certificate/);
    const ca = [await readFile(certificate.certFile, 'utf8')];
    assert.ok((await tokens.token(ofSecure, { proxy: undefined, ca })).token);
    await secure.stop();
    await directory.remove();
  });

  it('is asked for through the proxy, whose password no message has', async () => {
    const proxy = 'http://me:hunter2@127.0.0.1:1';
    await assert.rejects(tokens.token(app, { proxy, ca: undefined }), (error: Error) => {
      assert.match(error.message, /cannot be reached for an installation token: .*127\.0\.0\.1:1$/);
      assert.doesNotMatch(error.message, /hunter2/);
      return true;
    });
    assert.equal(github.created, 0);
  });

  it('stays in use while no new one can be made and it has not expired', async () => {
    const { token } = await tokens.token(app, direct);
    github.limit(new Date(now() + 300 * minutes));
    ahead = 55 * minutes;
    assert.equal((await tokens.token(app, direct)).token, token);
    ahead = 61 * minutes;
    await refused({}, /answered 403/);
  });
});
