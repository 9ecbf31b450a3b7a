import assert from 'node:assert/strict';
import { link, treeOf } from '../tree.fixture.js';
import { findKustomization } from './locate.js';
import { kustomizeRenderer } from './renderer.js';

type Files = Parameters<typeof treeOf>[0];

/** Which of the files a build of `prod` reads. */
async function read(files: Files, path = 'prod'): Promise<string[]> {
  const trees = { main: treeOf(files), elsewhere: async () => undefined };
  const reads = await kustomizeRenderer.reads(trees, { path, type: 'Kustomize' }, { namespace: 'argocd', name: 'a' });
  return Object.keys(files).filter(reads);
}

describe('the kustomization of a directory', () => {
  it('has one of three file names, in the order of kustomize', async () => {
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

  it('is missing, and the finding says what is there instead', async () => {
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
});

describe('what a build reads', () => {
  it('is each directory that a kustomization names, through circles', async () => {
    const files = {
      'prod/kustomization.yaml': 'resources: [../base, ./more/, none, "https://example.com/x", git@host:a/b]\n',
      'prod/more/kustomization.yml': 'bases:\n- ../../old\ncomponents:\n- ../../component\n',
      'base/kustomization.yaml': 'resources: [../prod, ../../outside, /etc]\n',
      'old/Kustomization': 'transformers: [../labels]\n',
      'component/kustomization.yaml': '',
      'labels/kustomization.yaml': 'generators: [3, {a: b}]\nvalidators: text\n',
    };
    const others = { 'dev/kustomization.yaml': 'resources: [../base]\n', 'prod/README.md': '' };
    assert.deepEqual(await read({ ...files, ...others }, 'prod/'), Object.keys(files));
  });

  it('is each file that a kustomization names, and all of a chart', async () => {
    const files = {
      'prod/kustomization.yaml': [
        'resources: [a.yaml]',
        'patchesStrategicMerge: [b.yaml, "kind: A\\n"]',
        'patches: [{path: c.yaml}, {patch: "[]"}]',
        'patchesJson6902: [{path: d.yaml}]',
        'configMapGenerator: [{files: [e.txt, key=f.txt], envs: [g.env], env: h.env}]',
        'secretGenerator: [{files: [i.txt]}]',
        'replacements: [{path: j.yaml}]',
        'configurations: [k.yaml]',
        'crds: [l.json]',
        'openapi: {path: m.json}',
        'helmCharts: [{name: web, valuesFile: n.yaml, additionalValuesFiles: [o.yaml]}]',
      ].join('\n'),
      ...Object.fromEntries(
        ['a.yaml', 'b.yaml', 'c.yaml', 'd.yaml', 'e.txt', 'f.txt', 'g.env', 'h.env', 'i.txt', 'j.yaml', 'k.yaml']
          .concat([
            'l.json',
            'm.json',
            'n.yaml',
            'o.yaml',
            'charts/web/values.yaml',
            'charts/web/charts/db/values.yaml',
          ])
          .map((each) => [`prod/${each}`, '']),
      ),
    };
    const others = { 'prod/z.yaml': '', 'prod/charts/other/values.yaml': '' };
    assert.deepEqual(await read({ ...files, ...others }), Object.keys(files));
  });

  it('is what links lead to', async () => {
    const files = {
      'prod/kustomization.yaml': 'resources: [there/sub, away, it.yaml]\n',
      'prod/there': link('../shared'),
      'prod/away': link('/etc'),
      'prod/it.yaml': link('../shared/it.yaml'),
      'shared/sub/kustomization.yaml': '',
      'shared/it.yaml': '',
    };
    assert.deepEqual(await read(files), ['prod/kustomization.yaml', 'shared/sub/kustomization.yaml', 'shared/it.yaml']);
  });

  it('holds all that a broken kustomization could name', async () => {
    const broken = {
      'a/kustomization.yaml': 'resources: [../b]',
      'b/kustomization.yaml': 'resources:\n<<<<<<< HEAD\n- ../c\n=======\n- "pod.yaml"\n>>>>>>> other\n',
      'b/pod.yaml': '',
      'b/none.yaml': '',
      'c/kustomization.yaml': '',
    };
    const expected = ['a/kustomization.yaml', 'b/kustomization.yaml', 'b/pod.yaml', 'c/kustomization.yaml'];
    assert.deepEqual(await read(broken, 'a'), expected);
  });

  it('is unknown for an endless build', async () => {
    const many = Array.from({ length: 1_500 }, (_, index) => `d${index}`);
    const directories = Object.fromEntries(many.map((each) => [`${each}/x`, '']));
    const endless = { ...directories, 'a/kustomization.yaml': `resources: [${many.map((each) => `../${each}`)}]` };
    await assert.rejects(read(endless, 'a'), /more than 1000 directories/);
  });
});
