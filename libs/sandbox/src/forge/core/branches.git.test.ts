import assert from 'node:assert/strict';
import { access, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { git as run } from '../../git/command.js';
import type { Repository } from '../../git/repository.js';
import { type GitServer, startGitServer } from '../../git/server.js';
import { moveBranch } from './branches.js';

describe('a branch that a forge moves', () => {
  let git: GitServer;
  let repository: Repository;
  let [first, next] = ['', ''];
  before(async () => {
    git = await startGitServer();
  });
  beforeEach(async () => {
    repository = await git.createRepository('acme/config', { files: { 'a.txt': '0\n' } });
    first = await repository.tip();
    next = await repository.commit({ files: { 'a.txt': '1\n' }, message: 'Change a', branch: 'next' });
  });
  afterEach(() => rm(repository.directory, { recursive: true }));
  after(() => git.stop());

  const tip = async () => (await run(['rev-parse', 'main'], { directory: repository.directory })).trim();

  it('moves, also if git has packed it', async () => {
    const { directory } = repository;
    await run(['pack-refs', '--all'], { directory });
    assert.equal(await moveBranch(directory, 'main', next, first), true);
    assert.equal(await tip(), next);
  });

  it('stays if it is elsewhere by now, and can be moved by git then', async () => {
    const { directory } = repository;
    assert.equal(await moveBranch(directory, 'main', first, next), false);
    assert.equal(await tip(), first);
    await run(['update-ref', 'refs/heads/main', next, first], { directory });
    assert.equal(await tip(), next);
  });

  it('stays while git has it locked', async () => {
    const lock = join(repository.directory, 'refs/heads/main.lock');
    await writeFile(lock, '');
    assert.equal(await moveBranch(repository.directory, 'main', next, first), false);
    assert.equal(await tip(), first);
    await access(lock);
  });
});
