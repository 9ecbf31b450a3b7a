import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { forgeProvider } from '@k8sta/contracts';
import { createCertificate, startGitHub, temporaryDirectory } from '@k8sta/sandbox';
import sshpk from 'sshpk';
import { type Forge, ForgeFault } from './forge.js';
import { ForgeBench, type Proposing } from './forges.fixture.js';

async function faultOf(promise: Promise<unknown>): Promise<ForgeFault> {
  const fault = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(fault instanceof ForgeFault, String(fault));
  return fault;
}

for (const provider of forgeProvider.options) {
  describe(`a fault of ${provider}`, () => {
    let bench: ForgeBench;
    let at: Proposing;
    let forge: Forge;

    before(async () => {
      bench = await ForgeBench.start(provider);
      at = await bench.repository();
    });
    beforeEach(async () => {
      bench.server.heal();
      bench.server.forbid([]);
      // Past every pause of the test before.
      bench.ahead += 3_600_000;
      forge = await at.forge();
    });
    after(() => bench.stop());

    it('says how long to wait, and nothing is asked before', async () => {
      bench.server.fail({ is: 'secondaryLimit', retryAfterS: 30 });
      const fault = await faultOf(forge.get(1));
      assert.match(fault.message, /limits requests/);
      assert.deepEqual([fault.retryAfterMs, fault.needsPerson], [30_000, false]);
      const asked = bench.server.requests.length;
      bench.ahead += 20_000;
      const still = await faultOf(forge.find(at.head, 'main'));
      assert.ok(still.retryAfterMs !== undefined && still.retryAfterMs <= 10_000, String(still.retryAfterMs));
      assert.equal(bench.server.requests.length, asked);
      bench.ahead += 11_000;
      assert.equal(await forge.find(at.head, 'main'), undefined);
    });

    it('waits until the limit of the hour is over', async () => {
      // The stand-in counts from the real time.
      bench.server.fail({ is: 'rateLimit', resetAt: new Date(Date.now() + bench.ahead + 600_000) });
      const { retryAfterMs = 0 } = await faultOf(forge.get(1));
      assert.ok(retryAfterMs > 590_000 && retryAfterMs <= 3_600_000, String(retryAfterMs));
    });

    it('is told apart: a server error, no answer, and a broken connection', async () => {
      bench.server.fail({ is: 'status', status: 503, headers: { 'retry-after': '7' } });
      const unavailable = await faultOf(forge.get(1));
      assert.match(unavailable.message, /answered 503 \(server error\)/);
      assert.equal(unavailable.retryAfterMs, 7_000);
      bench.server.fail({ is: 'hang' });
      assert.match((await faultOf(forge.get(1))).message, /did not answer within 2 s/);
      bench.server.fail({ is: 'drop' });
      assert.match((await faultOf(forge.get(1))).message, /cannot be reached: /);
    });

    it('names the scope that the token lacks', async () => {
      bench.server.forbid(['pulls']);
      const refused = await faultOf(forge.open(at.wish()));
      assert.ok(refused.needsPerson, refused.message);
      const scopes = { github: /"Pull requests: write"/, gitlab: /scope `api`/, gitea: /`write:repository`/ };
      assert.match(refused.message, scopes[provider]);
      bench.server.forbid(['read']);
      const hidden = await faultOf(forge.get(1));
      assert.match(hidden.message, /answered 404 .*does not exist there, or the token lacks/);
      assert.ok(hidden.needsPerson);
    });

    it('says that the token is not accepted, and never quotes it', async () => {
      bench.server.fail({ is: 'badToken' });
      const fault = await faultOf(forge.get(1));
      assert.match(fault.message, /answered 401 .*does not accept the token/);
      assert.ok(fault.needsPerson);
      const { token } = bench.server;
      bench.server.fail({ is: 'status', status: 422, body: { message: `${token} is bad` } }, { method: 'POST' });
      const quoted = await faultOf(forge.open(at.wish()));
      assert.match(quoted.message, /\*\*\* is bad/);
      assert.doesNotMatch(quoted.message, new RegExp(token));
      bench.server.fail({ is: 'status', status: 403, headers: { 'x-accepted-oauth-scopes': `not ${token}` } });
      assert.match((await faultOf(forge.get(1))).message, /asks for not \*\*\*/);
    });

    it('says that an answer is not what the API promises', async () => {
      bench.server.fail({ is: 'status', status: 200, body: { number: 'one', iid: 'one' } });
      assert.match((await faultOf(forge.get(1))).message, /what is not in its API: (?:number|iid): /);
      bench.server.fail({ is: 'status', status: 200, body: 'x'.repeat(9_000_000) });
      assert.match((await faultOf(forge.get(1))).message, /answered more than 8 MB/);
    });

    it('says that an answer is not JSON, such as a sign-in page', async () => {
      bench.server.fail({ is: 'status', status: 200, body: '<h1>Sign in</h1>' }, { times: 2 });
      assert.match((await faultOf(forge.get(1))).message, /answered 200 with a body that is not JSON/);
      assert.match((await faultOf(forge.find(at.head, 'main'))).message, /answered 200 with a body that is not JSON/);
    });

    it('survives a refusal with a deeply nested message', async () => {
      const body = `{"message":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
      bench.server.fail({ is: 'status', status: 422, body });
      assert.match((await faultOf(forge.get(1))).message, /answered 422 for acme/);
    });

    it('is no fault of the next token: a rotated one is used at once', async () => {
      await bench.login({ forgeToken: 'hunter2' });
      const other = await at.forge();
      await faultOf(other.find(at.head, 'main'));
      await bench.login();
      await at.forge();
      assert.equal(await other.find(at.head, 'main'), undefined);
    });

    it('does not count again what has not changed', async () => {
      const { number } = await at.open();
      await forge.get(number);
      const first = bench.server.requests.length;
      const before = await forge.get(number);
      const repeated = bench.server.requests.slice(first);
      assert.ok(repeated.length > 0 && repeated.every(({ headers }) => headers['if-none-match']), 'unconditional');
      await bench.server.closeByPerson(at.name, number);
      assert.deepEqual([before?.state, (await forge.get(number))?.state], ['open', 'closed']);
    });
  });
}

describe('a redirect of a forge', () => {
  let bench: ForgeBench;
  let server: Server;
  let answer: RequestListener;

  before(async () => {
    bench = await ForgeBench.start('github');
    server = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
  });
  after(async () => {
    server.close();
    await bench.stop();
  });

  it('is followed on the same host only', async () => {
    const at = await bench.repository();
    const port = (server.address() as AddressInfo).port;
    await bench.login({ forgeApi: `http://127.0.0.1:${port}` });
    const forge = await at.forge();
    const seen: string[] = [];
    answer = ({ url = '', headers }, response) => {
      seen.push(`${url} ${headers.authorization ? 'with a token' : ''}`);
      if (url.startsWith('/repositories/')) return void response.writeHead(200, json).end('[]');
      response.writeHead(301, { location: '/repositories/1/pulls' }).end();
    };
    assert.equal(await forge.find(at.head, 'main'), undefined);
    assert.ok(seen.includes('/repositories/1/pulls with a token'), seen.join());
    answer = (_, response) => response.writeHead(301, { location: `${bench.server.api}/user` }).end();
    const asked = bench.server.requests.length;
    const fault = await faultOf(forge.find(at.head, 'main'));
    assert.match(fault.message, /redirects to another address, and the token is not sent there/);
    assert.equal(bench.server.requests.length, asked);
  });
});

describe('the way to a forge', () => {
  it('is TLS with the certificate authorities of the promoter only', async () => {
    const directory = await temporaryDirectory('forge-tls');
    const certificate = await createCertificate(directory.path, 'forge');
    const trusting = await ForgeBench.start('gitea', { certificate, caFile: certificate.certFile });
    const at = await trusting.repository();
    assert.equal(await (await at.forge()).find(at.head, 'main'), undefined);
    await trusting.stop();
    const other = await ForgeBench.start('gitea', { certificate });
    const unknown = await other.repository();
    const fault = await faultOf((await unknown.forge()).find(unknown.head, 'main'));
    assert.match(fault.message, /Gitea at https:.* cannot be reached: .*certificate/);
    await other.stop();
    await directory.remove();
  });

  it('is the proxy of the Secret, whose password no message has', async () => {
    const bench = await ForgeBench.start('gitea');
    const at = await bench.repository();
    await bench.login({ proxy: 'http://me:hunter2@127.0.0.1:1' });
    const fault = await faultOf((await at.forge()).find(at.head, 'main'));
    assert.match(fault.message, /cannot be reached: .*127\.0\.0\.1:1/);
    assert.doesNotMatch(fault.message, /hunter2/);
    assert.equal(bench.server.requests.length, 0);
    await bench.stop();
  });
});

const json = { 'content-type': 'application/json' };

describe('the token for a forge', () => {
  let bench: ForgeBench;
  let at: Proposing;

  afterEach(() => bench.stop());

  it('is the installation token of a GitHub App, and a new one after a refusal', async () => {
    const app = await startGitHub();
    bench = await ForgeBench.start('github', { app });
    at = await bench.repository();
    const { appId, installationId, privateKey } = app;
    const secret = { githubAppID: appId, githubAppInstallationID: installationId, githubAppPrivateKey: privateKey };
    const unset = { username: '', password: '', forge: '', forgeApi: '', forgeToken: '' };
    await bench.login({ ...unset, ...secret, githubAppEnterpriseBaseUrl: bench.server.api });
    const forge = await at.forge();
    const { proposal } = await forge.open(at.wish());
    assert.equal((await bench.server.pulls(at.name))[0]?.author, 'k8sta[bot]');
    app.revoke();
    assert.match((await faultOf(forge.get(proposal.number))).message, /does not accept the token/);
    assert.ok(await (await at.forge()).get(proposal.number));
    assert.equal(app.created, 2);
    await app.stop();
  });

  it('is the password of the Git credential, unless there is a forgeToken', async () => {
    bench = await ForgeBench.start('gitea');
    at = await bench.repository();
    await bench.login({ password: bench.server.token, forgeToken: '' });
    assert.equal(await (await at.forge()).find(at.head, 'main'), undefined);
  });

  it('is missing, and the sentence says what to set', async () => {
    bench = await ForgeBench.start('gitea');
    const key = sshpk.generatePrivateKey('ed25519').toString('openssh');
    const ssh = { url: 'ssh://git@git.test', username: '', password: '', sshPrivateKey: key, forgeApi: '' };
    await bench.login({ ...ssh, forgeToken: '' });
    const { forgeOf } = bench.forges;
    assert.equal(
      await forgeOf('ssh://git@git.test/acme/config', undefined),
      'there is no token for https://git.test/api/v1: set forgeToken',
    );
    await bench.login({ ...ssh, forge: '' });
    assert.match(
      String(await forgeOf('ssh://git@git.test/acme/config', undefined)),
      /it is not known whether git\.test/,
    );
    assert.equal(((await forgeOf('ssh://git@git.test/acme/config', 'gitlab')) as Forge).provider, 'gitlab');
  });

  it('is not given while its Secret has a fault', async () => {
    bench = await ForgeBench.start('gitea');
    at = await bench.repository();
    await bench.login({ forge: 'hunter2' });
    const fault = await faultOf(at.forge());
    assert.match(fault.message, /acme\/forge: must be one of github, gitlab, gitea/);
    assert.doesNotMatch(fault.message, /hunter2/);
  });
});
