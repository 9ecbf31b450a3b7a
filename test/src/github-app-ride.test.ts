import assert from 'node:assert/strict';
import { type GitHub, type GitServer, startGitHub, startGitServer } from '@k8sta/sandbox';
import { assertAsIfNothingHappened } from './as-if-nothing-happened.js';
import { startWholeRailway, type WholeRailway } from './whole-railway.js';

describe('a ride with the credentials of a GitHub App', () => {
  const argo = { username: 'argocd', password: 'of Argo CD' };
  let github: GitHub;
  let server: GitServer;
  let railway: WholeRailway;

  before(async () => {
    github = await startGitHub();
    const isArgo = (user: string, password: string) => user === argo.username && password === argo.password;
    server = await startGitServer({ accepts: (...login) => github.accepts(...login) || isArgo(...login) });
    railway = await startWholeRailway({
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
    });
  });
  after(async () => {
    await railway?.stop();
    await server?.stop();
    await github?.stop();
  });

  it('takes an image to the last Station, one commit each, with one installation token', async () => {
    const ticket = await railway.pushUntilAccepted('1.4.2');
    await railway.tap.completed(ticket, 60_000);
    await assertAsIfNothingHappened(railway, ticket);
    assert.equal(github.created, 1);
  });
});
