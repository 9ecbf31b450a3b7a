import assert from 'node:assert/strict';
import type { EditSource } from '@k8sta/contracts';
import { link, treeOf, treesOf } from '../tree.fixture.js';
import { directory } from './renderer.js';

const application = { namespace: 'argocd', name: 'shop' };

function pod(image: string): string {
  return `kind: Deployment\nmetadata: {name: shop}\nspec: {template: {spec: {containers: [{name: a, image: "${image}"}]}}}\n`;
}

async function rendered(files: Parameters<typeof treesOf>[0], options: EditSource['directory'] = {}) {
  return directory.render(treesOf(files), { type: 'Directory', path: 'dev', directory: options }, application);
}

async function filesOf(files: Parameters<typeof treesOf>[0], options: EditSource['directory'] = {}) {
  return (await rendered(files, options)).uses.map(({ ways }) => ways[0]?.file);
}

describe('a directory of manifests', () => {
  it('has the images of all containers in any kind of object, in YAML, JSON and lists', async () => {
    const files = {
      'dev/a.yaml': `${pod('a:1')}---\n${pod('b:1')}`,
      'dev/b.json': JSON.stringify({
        kind: 'List',
        items: [{ kind: 'Rollout', spec: { initContainers: [{ image: 'c:1' }] } }],
      }),
      'dev/c.yml': 'kind: Debug\nephemeralContainers:\n- {image: d:1, env: [{name: IMAGE, value: e:1}], args: [f:1]}\n',
      'dev/d.txt': pod('g:1'),
      'dev/e.yaml': 'kind: ConfigMap\ndata: {image: h:1}\n',
      'dev/f.yaml': `# +argocd:skip-file-rendering\n${pod('i:1')}`,
    };
    const { uses } = await rendered(files);
    assert.deepEqual(
      uses.map(({ image }) => image),
      ['a:1', 'b:1', 'c:1', 'd:1'],
    );
  });

  it('is read as Argo CD reads it', async () => {
    const files = Object.fromEntries(
      ['a.yaml', 'x/b.yaml', 'x/y/c.yaml', 'z.json'].map((file) => [`dev/${file}`, pod('a:1')]),
    );
    assert.deepEqual(await filesOf(files), ['dev/a.yaml', 'dev/z.json']);
    assert.equal((await filesOf(files, { recurse: true })).length, 4);
    assert.deepEqual(await filesOf(files, { recurse: true, include: '*.yaml', exclude: 'x/*' }), ['dev/a.yaml']);
    assert.deepEqual(await filesOf(files, { recurse: true, include: '{a.yaml,x/y/*}' }), [
      'dev/a.yaml',
      'dev/x/y/c.yaml',
    ]);
    assert.deepEqual(await filesOf({ ...files, 'dev/l.yaml': link('a.yaml') }), ['dev/a.yaml', 'dev/z.json']);
  });

  it('says whether it reads a file', async () => {
    const source = { type: 'Directory', path: './dev/', directory: { recurse: true, exclude: '*.sample.yaml' } };
    const reads = await directory.reads(treesOf({ 'dev/a.yaml': '' }), source, application);
    for (const [file, is] of [
      ['dev/a.yaml', true],
      ['dev/x/new.yml', true],
      ['dev/x/a.sample.yaml', false],
      ['dev/a.txt', false],
      ['development/a.yaml', false],
      ['a.yaml', false],
    ] as const) {
      assert.equal(reads(file), is, file);
    }
  });

  it('is read elsewhere, and not edited there', async () => {
    const elsewhere = { repository: 'https://git.example.com/a.git', revision: 'v1' };
    const trees = {
      ...treesOf({ 'dev/a.yaml': pod('a:1') }),
      elsewhere: async () => treeOf({ 'dev/b.yaml': pod('b:1') }),
    };
    const source = { type: 'Directory', path: 'dev', elsewhere };
    const { uses } = await directory.render(trees, source, application);
    assert.deepEqual(uses, [{ image: 'b:1', ways: [] }]);
    assert.equal((await directory.reads(trees, source, application))('dev/a.yaml'), false);
    const render = directory.render(treesOf({ 'dev/a.yaml': pod('a:1') }), source, application);
    await assert.rejects(render, /argocd\/shop: its repository is not at hand/);
  });

  it('tells that jsonnet cannot be looked into', async () => {
    const { isUnsupported, whyNotNamed } = await rendered({ 'dev/a.jsonnet': '{}' });
    assert.equal(isUnsupported, true);
    assert.match(whyNotNamed({ repository: 'a', tag: '1' }), /dev\/a.jsonnet is jsonnet/);
  });

  it('refuses a directory that is not there, and a file that is not YAML', async () => {
    await assert.rejects(rendered({}), { name: 'PathMissing', message: /there is no directory "dev"/ });
    await assert.rejects(rendered({ dev: link('prod'), 'prod/a.yaml': '' }), /symbolic link/);
    const opaque = { 'dev/x/a.yaml': { is: 'opaque' as const, why: 'is not UTF-8 text' } };
    await assert.rejects(rendered(opaque, { recurse: true }), /^FileInvalid: dev\/x\/a.yaml is not UTF-8 text/);
    await assert.rejects(rendered({ 'dev/a.yaml': 'a: [' }), /^FileInvalid: dev\/a.yaml is not valid YAML/);
  });
});
