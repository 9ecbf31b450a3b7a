import assert from 'node:assert/strict';
import { type GitHub, type GitServer, startGitHub, startGitServer } from '@k8sta/sandbox';
import { assertPromotes, contents, Promoter } from './access.fixture.js';

describe('a repository of a GitHub App', () => {
  let github: GitHub;
  let server: GitServer;
  let promoter: Promoter;
  let count = 0;

  before(async () => {
    github = await startGitHub();
    server = await startGitServer({ accepts: github.accepts });
    promoter = await Promoter.start();
    await promoter.secrets.put('acme', {
      url: server.url,
      githubAppID: github.appId,
      githubAppInstallationID: github.installationId,
      githubAppPrivateKey: github.privateKey,
      githubAppEnterpriseBaseUrl: github.api,
    });
  });
  afterEach(() => server.intercept(undefined));
  after(async () => {
    await promoter.stop();
    await server.stop();
    await github.stop();
  });

  const createRepository = () => server.createRepository(`acme/config-${++count}`, contents);

  it('is cloned and pushed to with an installation token, which all repositories share', async () => {
    await assertPromotes(promoter, await createRepository());
    await assertPromotes(promoter, await createRepository());
    assert.equal(github.created, 1);
  });

  it('is reached with a new token after the old one was revoked', async () => {
    const repository = await createRepository();
    github.revoke();
    assert.match(await promoter.failure(repository.url), /did not accept the credentials/);
    await assertPromotes(promoter, repository);
  });

  it('keeps a new token that GitHub does not know everywhere yet, and says so', async () => {
    const repository = await createRepository();
    github.revoke();
    await promoter.failure(repository.url);
    const { created } = github;
    server.intercept(() => ({ status: 404 }));
    const said = await promoter.failure(repository.url);
    assert.match(
      said,
      /answered 404: .*\(the installation token is \d+ s old, and GitHub may not accept it everywhere yet\)$/,
    );
    assert.doesNotMatch(said, /ghs_/);
    server.intercept(undefined);
    await assertPromotes(promoter, repository);
    assert.equal(github.created, created + 1);
  });

  it('is not reached while GitHub makes no token, and the message says why', async () => {
    const repository = await createRepository();
    github.revoke();
    await promoter.failure(repository.url);
    github.limit(new Date(Date.now() + 60_000));
    assert.match(await promoter.failure(repository.url), /the credentials cannot be used: .* answered 403 .*it limits/);
    github.limit(undefined);
  });
});
