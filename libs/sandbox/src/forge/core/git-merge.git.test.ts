import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Repository } from '../../git/repository.js';
import { type GitServer, startGitServer } from '../../git/server.js';
import { isAncestor, isCommit } from './git-merge.js';

describe('what git finds for commits', () => {
  let git: GitServer;
  let repository: Repository;
  before(async () => {
    git = await startGitServer();
    repository = await git.createRepository('acme/config', { files: { 'a.txt': '0\n' } });
  });
  after(() => git.stop());

  it('is asked for again if git could not read a commit, or did not have it', async () => {
    const { directory } = repository;
    const first = await repository.tip();
    const between = await repository.commit({ files: { 'a.txt': '1\n' }, message: 'Change a' });
    const last = await repository.commit({ files: { 'a.txt': '2\n' }, message: 'Change a again' });
    const object = join(directory, 'objects', between.slice(0, 2), between.slice(2));
    await rename(object, `${object}-away`);
    await assert.rejects(isAncestor(directory, first, last), /Could not read/);
    assert.equal(await isCommit(directory, between), false);
    await rename(`${object}-away`, object);
    assert.equal(await isAncestor(directory, first, last), true);
    assert.equal(await isCommit(directory, between), true);
  });
});
