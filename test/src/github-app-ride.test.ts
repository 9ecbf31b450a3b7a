import assert from 'node:assert/strict';
import { type GitHub, type GitServer, startGitHub, startGitServer } from '@k8sta/sandbox';
import { assertAsIfNothingHappened } from './as-if-nothing-happened.js';
import { startTestSystem, type TestSystem } from './test-system.js';

describe('a ride with the credentials of a GitHub App', () => {
  const argo = { username: 'argocd', password: 'of Argo CD' };
  let github: GitHub;
  let server: GitServer;
  let railway: TestSystem;
  const lines: string[] = [];

  before(async () => {
    github = await startGitHub();
    const isArgo = (user: string, password: string) => user === argo.username && password === argo.password;
    server = await startGitServer({ accepts: (...login) => github.accepts(...login) || isArgo(...login) });
    railway = await startTestSystem({
      host: {
        createRepository: (name, contents) => server.createRepository(name, contents),
        secret: {
          url: server.url,
          githubAppID: github.appId,
          githubAppInstallationID: github.installationId,
          githubAppPrivateKey: github.privateKey,
          githubAppEnterpriseBaseUrl: github.api,
        },
        argo,
      },
      environment: { promoter: { K8STA_LOG_LEVEL: 'debug' } },
      onLine: (line) => lines.push(line),
    });
  });
  after(async () => {
    await railway?.stop();
    await server?.stop();
    await github?.stop();
  });

  it('takes an image to the last Station once it may push, one commit each, with one installation token', async () => {
    server.intercept(() => ({ status: 403 }));
    const ticket = await railway.pushUntilAccepted('1.4.2');
    await railway.tap.find('promotion.delayed');
    server.intercept(undefined);
    await railway.tap.completed(ticket, 60_000);
    await assertAsIfNothingHappened(railway, ticket);
    assert.equal(github.created, 1);
  });

  it('leaves no secret in a log, an event or a commit', async () => {
    const log = (await railway.repository.log()).map(({ message }) => message);
    const written = [...lines, ...railway.tap.all().map((event) => JSON.stringify(event)), ...log];
    assert.ok(lines.length > 0 && log.length > 1);
    // Tokens of installations, JSON Web Tokens, and keys in PEM.
    for (const line of written) assert.doesNotMatch(line, /ghs_|eyJ|PRIVATE KEY|authorization/i);
  });
});
