import assert from 'node:assert/strict';
import { type TemporaryDirectory, temporaryDirectory } from '../directory.js';
import { git } from './command.js';
import { createRepository, type Repository } from './repository.js';

describe('a repository on the Git server', () => {
  let at: TemporaryDirectory;
  let repository: Repository;

  beforeEach(async () => {
    at = await temporaryDirectory('repository-test');
    const place = { name: 'r', url: 'http://git.example.com/r.git', directory: `${at.path}/r.git` };
    repository = await createRepository(place, { branch: 'trunk', files: { 'a.txt': 'a\n', 'd/b "ü".txt': 'b' } });
  });
  afterEach(() => at.remove());

  it('starts with one commit on its branch', async () => {
    const [first, ...more] = await repository.log();
    assert.equal(more.length, 0);
    assert.equal(first?.sha, await repository.tip('trunk'));
    assert.deepEqual(first?.files, ['a.txt', '"d/b \\"ü\\".txt"']);
    assert.deepEqual(first?.parents, []);
  });

  it('accepts commits with changed, new and deleted files, and keeps the others', async () => {
    const sha = await repository.commit({ files: { 'a.txt': 'A\n', 'n/e/w': 'new' }, message: 'One' });
    await repository.commit({ files: { 'n/e/w': null }, message: 'Two' });
    assert.equal(await repository.read('a.txt'), 'A\n');
    assert.equal(await repository.read('d/b "ü".txt'), 'b');
    assert.equal(await repository.read('n/e/w'), undefined);
    assert.equal(await repository.read('n/e/w', sha), 'new');
  });

  it('returns its history oldest first, with author, trailers and files', async () => {
    const message = 'Bump web\n\nA body: with a colon.\n\nK8sTA-Ticket: t1\nK8sTA-Track: web';
    const author = { name: 'Ann', email: 'ann@example.com' };
    const sha = await repository.commit({ files: { 'a.txt': 'A\n' }, message, author });
    const last = (await repository.log()).at(-1);
    assert.deepEqual(last, {
      ...{ sha, author, subject: 'Bump web', files: ['a.txt'] },
      message,
      trailers: { 'K8sTA-Ticket': 't1', 'K8sTA-Track': 'web' },
      parents: [(await repository.log())[0]?.sha],
    });
  });

  it('starts a new branch at the tip of its own', async () => {
    const trunk = await repository.tip();
    const sha = await repository.commit({ branch: 'prod', files: { 'a.txt': 'P' }, message: 'Prod' });
    assert.equal(await repository.tip('prod'), sha);
    assert.equal(await repository.tip(), trunk);
    assert.deepEqual(
      (await repository.log('prod')).map((commit) => commit.sha),
      [trunk, sha],
    );
    await assert.rejects(repository.tip('none'), { message: 'r has no branch none' });
  });

  it('knows the tip of a branch as git does, in a file of its own and packed', async () => {
    const { directory } = repository;
    const sha = await repository.commit({ branch: 'for/prod', files: { 'a.txt': 'P' }, message: 'Prod' });
    for (const args of [
      ['pack-refs', '--all'],
      ['update-ref', 'refs/heads/for/prod', await repository.tip()],
    ]) {
      assert.equal(await repository.tip('for/prod'), sha);
      await git(args, { directory });
    }
    assert.equal(await repository.tip('for/prod'), await repository.tip('trunk'));
    await git(['pack-refs', '--all'], { directory });
    for (const none of ['for', 'prod', 'trunk/prod']) await assert.rejects(repository.tip(none), /has no branch/);
    await git(['update-ref', '-d', 'refs/heads/for/prod'], { directory });
    await assert.rejects(repository.tip('for/prod'), { message: 'r has no branch for/prod' });
  });

  it('accepts concurrent commits without losing one', async () => {
    const names = ['one', 'two', 'three', 'four'];
    await Promise.all(names.map((name) => repository.commit({ files: { [name]: name }, message: name })));
    assert.deepEqual((await repository.log()).map(({ subject }) => subject).sort(), [...names, 'First commit'].sort());
    for (const name of names) assert.equal(await repository.read(name), name);
  });
});
