import assert from 'node:assert/strict';
import { basicAuthentication, git } from '../git/command.js';
import type { Repository } from '../git/repository.js';
import { type GitServer, startGitServer } from '../git/server.js';
import { Remote, RemoteError } from './remote.js';

describe('a remote of the Argo CD stand-in', () => {
  let server: GitServer;
  let repository: Repository;

  before(async () => {
    server = await startGitServer();
    repository = await server.createRepository('acme/deploy', { files: { 'a.txt': 'a' } });
    await repository.commit({ branch: 'env/prod', files: { 'a.txt': 'b' }, message: 'Prod' });
    const { directory } = repository;
    await git(['tag', 'light'], { directory });
    await git(['tag', '-a', '-m', 'One', 'v1.0.0', 'env/prod'], { directory });
  });
  afterEach(() => server.intercept(undefined));
  after(() => server.stop());

  function remote({ url = repository.url, password = server.password } = {}): Remote {
    const credentials = { username: server.user, password };
    return new Remote({ url, credentials, signal: new AbortController().signal });
  }

  async function fails(failing: Promise<unknown>, message: string): Promise<void> {
    const error: unknown = await failing.catch((error: unknown) => error);
    assert.ok(error instanceof RemoteError, String(error));
    assert.match(error.message, new RegExp(message));
  }

  it('has the refs that git lists', async () => {
    const listed = await git(['ls-remote', repository.url], { environment: basicAuthentication(server) });
    const lines = listed.trim().split('\n');
    assert.equal(lines.length, 6, listed);
    assert.deepEqual(
      await remote().refs(),
      new Map(lines.map((line) => line.split('\t').reverse() as [string, string])),
    );
  });

  it('says why it does not list its refs in the words of Argo CD', async () => {
    await fails(remote({ password: 'wrong' }).refs(), 'failed to list refs: authentication required');
    await fails(remote({ url: `${server.url}/acme/none.git` }).refs(), 'repository not found');
    server.intercept(() => ({ status: 503 }));
    await fails(remote().refs(), 'unexpected requesting ".*/acme/deploy.git/info/refs.*" status code: 503');
    server.intercept(() => 'drop');
    await fails(remote().refs(), 'failed to list refs: .*other side closed');
  });

  it('says why it cannot be fetched', async () => {
    await fails(
      remote({ password: 'wrong' }).fetchInto(repository.directory),
      'Failed to fetch default: .*\n?.*Username',
    );
  });
});
