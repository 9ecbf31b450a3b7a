import assert from 'node:assert/strict';
import { FileInvalid } from '../file-invalid.js';
import { link, treeOf } from '../tree.fixture.js';
import { findKustomization, kustomizationsReadBy } from './references.js';

describe('references', () => {
  it('finds the three file names of a kustomization, in the order of kustomize', async () => {
    const tree = treeOf({
      'a/kustomization.yaml': 'a',
      'a/kustomization.yml': 'b',
      'b/kustomization.yml': 'c',
      'c/Kustomization': 'd',
      Kustomization: 'e',
    });
    const files = await Promise.all(['a', 'b', 'c', ''].map(async (at) => (await findKustomization(tree, at)).is));
    assert.deepEqual(files, ['found', 'found', 'found', 'found']);
    assert.deepEqual(await findKustomization(tree, 'a'), { is: 'found', file: 'a/kustomization.yaml', text: 'a' });
    assert.deepEqual(await findKustomization(tree, ''), { is: 'found', file: 'Kustomization', text: 'e' });
  });

  it('says what is there instead of a kustomization', async () => {
    const tree = treeOf({ 'a/x.yaml': '', file: '', 'b/kustomization.yaml': link('../a/x.yaml'), l: link('a') });
    const found = async (path: string) => {
      const { is, why } = (await findKustomization(tree, path)) as { is: string; why: string };
      return `${is}: ${why}`;
    };
    assert.equal(await found('a'), 'noKustomization: there is no kustomization in "a"');
    assert.equal(await found('none'), 'noDirectory: there is no directory "none"');
    assert.equal(await found('file'), 'noDirectory: "file" is not a directory');
    assert.equal(await found('file/under'), 'noDirectory: there is no directory "file/under"');
    assert.equal(await found('b'), 'invalid: "b/kustomization.yaml" is a symbolic link');
    assert.match(await found('l'), /^link: "l" is a symbolic link or a submodule/);
    assert.match(await found('l/under'), /^link: /);
  });

  it('follows the directories that a kustomization names, recursively and through circles', async () => {
    const tree = treeOf({
      'prod/kustomization.yaml': 'resources: [../base, ./more/, x.yaml, none, "https://example.com/x", git@host:a/b]\n',
      'prod/x.yaml': 'kind: ConfigMap',
      'prod/more/kustomization.yml': 'bases:\n- ../../old\ncomponents:\n- ../../component\n',
      'base/kustomization.yaml': 'resources: [../prod, ../../outside, /etc]\n',
      'old/Kustomization': 'transformers: [../labels]\n',
      'component/kustomization.yaml': '',
      'labels/kustomization.yaml': 'generators: [3, {a: b}]\nvalidators: text\n',
      'dev/kustomization.yaml': 'resources: [../base]\n',
    });
    assert.deepEqual([...(await kustomizationsReadBy(tree, 'prod/'))].sort(), [
      'base/kustomization.yaml',
      'component/kustomization.yaml',
      'labels/kustomization.yaml',
      'old/Kustomization',
      'prod/kustomization.yaml',
      'prod/more/kustomization.yml',
    ]);
  });

  it('follows links, as a build does', async () => {
    const tree = treeOf({
      'prod/kustomization.yaml': 'resources: [there/sub, away]\n',
      'prod/there': link('../shared'),
      'prod/away': link('/etc'),
      'shared/sub/kustomization.yaml': '',
    });
    assert.deepEqual(
      [...(await kustomizationsReadBy(tree, 'prod'))],
      ['prod/kustomization.yaml', 'shared/sub/kustomization.yaml'],
    );
  });

  it('finds nothing in a repository without kustomizations', async () => {
    assert.deepEqual([...(await kustomizationsReadBy(treeOf({ 'a/x.yaml': '' }), 'a'))], []);
    assert.deepEqual([...(await kustomizationsReadBy(treeOf({}), 'none'))], []);
  });

  it('throws for a broken or endless build', async () => {
    const broken = treeOf({ 'a/kustomization.yaml': 'resources: [../b]', 'b/kustomization.yaml': 'a: [' });
    await assert.rejects(kustomizationsReadBy(broken, 'a'), (error: Error) => {
      assert.ok(error instanceof FileInvalid);
      assert.match(error.message, /^b\/kustomization.yaml is not valid YAML: .*line 1/);
      return true;
    });
    const many = Array.from({ length: 1_500 }, (_, index) => `d${index}`);
    const endless = treeOf({ 'a/kustomization.yaml': `resources: [${many.map((each) => `../${each}`)}]` });
    await assert.rejects(kustomizationsReadBy(endless, 'a'), /more than 1000 directories/);
    await assert.rejects(kustomizationsReadBy(endless, '../a'), /leaves the repository/);
  });
});
