import assert from 'node:assert/strict';
import { type GitServer, git, type Repository, startGitServer } from '@k8sta/sandbox';
import nodegit from 'nodegit';
import { treeOf } from './files.js';

const text = 'images:\n- name: acme/shop\n';

describe('the files of a commit', () => {
  let server: GitServer;
  let repository: Repository;

  before(async () => {
    server = await startGitServer();
    repository = await server.createRepository('deploy', {
      files: { 'apps/shop/kustomization.yaml': text, 'README.md': 'Read me.\n', 'apps/notes.bin': 'shop' },
    });
  });
  after(() => server.stop());

  const filesAt = async (tip: string) => treeOf(await nodegit.Repository.openBare(repository.directory), tip);

  it('are found by their path, as directories are', async () => {
    const tree = await filesAt(await repository.tip());
    assert.deepEqual(await tree.entry('apps/shop/kustomization.yaml'), { is: 'file', text });
    assert.deepEqual(await tree.entry('apps/shop'), { is: 'directory' });
    assert.deepEqual(await tree.entry(''), { is: 'directory' });
    assert.deepEqual(await tree.list('apps'), ['notes.bin', 'shop']);
  });

  it('are not found below a file, or where nothing is', async () => {
    const tree = await filesAt(await repository.tip());
    for (const path of ['README.md/more', 'apps/other', 'apps/other/file', 'none']) {
      assert.equal(await tree.entry(path), undefined, path);
    }
    assert.deepEqual([await tree.list('README.md'), await tree.list('none')], [[], []]);
  });

  it('are those of this commit, also after an earlier one was read', async () => {
    const before = await filesAt(await repository.tip());
    assert.deepEqual(await before.entry('README.md'), { is: 'file', text: 'Read me.\n' });
    const tip = await repository.commit({
      files: { 'README.md': 'Read this.\n', 'apps/shop/kustomization.yaml': null },
      message: 'Edit',
    });
    const after = await filesAt(tip);
    assert.deepEqual(await after.entry('README.md'), { is: 'file', text: 'Read this.\n' });
    assert.equal(await after.entry('apps/shop/kustomization.yaml'), undefined);
    assert.deepEqual(await before.entry('apps/shop/kustomization.yaml'), { is: 'file', text });
  });

  it('tell a link from a file with the same content', async () => {
    const blob = (await git(['rev-parse', 'main:apps/notes.bin'], { directory: repository.directory })).trim();
    const input = `120000 blob ${blob}\tlink\n100644 blob ${blob}\tfile\n`;
    const id = (await git(['mktree'], { directory: repository.directory, input })).trim();
    const commit = (await git(['commit-tree', '-m', 'Link', id], { directory: repository.directory })).trim();
    for (let time = 0; time < 2; time++) {
      const tree = await filesAt(commit);
      assert.deepEqual(await tree.entry('link'), { is: 'link', target: 'shop' });
      assert.deepEqual(await tree.entry('file'), { is: 'file', text: 'shop' });
    }
  });
});
