import assert from 'node:assert/strict';
import type { ImageOverride } from '@k8sta/contracts';
import { link, treeOf } from '../tree.fixture.js';
import { kustomize } from './index.js';

const image = { repository: 'ghcr.io/acme/shop', tag: '2.0.0' };
const application = { namespace: 'argocd', name: 'shop', path: 'prod', sourceType: 'Kustomize', image };
const named = 'images:\n- name: app\n  newName: ghcr.io/acme/shop\n  newTag: 1.0.0\n';

async function located(files: Parameters<typeof treeOf>[0]): Promise<unknown> {
  const found = await kustomize.locate(treeOf(files), application);
  switch (found.is) {
    case 'located':
      return found.places.map(({ file }) => file);
    case 'notNamed':
      return found.file;
    default:
      return `${found.reason}: ${found.message}`;
  }
}

describe('kustomize', () => {
  it('finds the entry that is nearest to the Application, and none below it', async () => {
    const own = 'resources: [../base]\n';
    const files = { 'base/kustomization.yaml': `resources: [../root]\n${named}`, 'root/kustomization.yaml': named };
    assert.deepEqual(await located({ ...files, 'prod/kustomization.yaml': own + named }), ['prod/kustomization.yaml']);
    assert.deepEqual(await located({ ...files, 'prod/kustomization.yaml': own }), ['base/kustomization.yaml']);
  });

  it('names the file of the Application where no file names the image', async () => {
    const files = { 'prod/kustomization.yml': 'transformers: [../base]\n', 'base/kustomization.yaml': named };
    assert.equal(await located(files), 'prod/kustomization.yml', 'a transformer deploys nothing');
  });

  it('edits nothing behind a symbolic link', async () => {
    const files = { 'prod/kustomization.yaml': 'resources: [there]\n', 'prod/there': link('../base') };
    assert.equal(
      await located({ ...files, 'base/kustomization.yaml': named }),
      'FileInvalid: base/kustomization.yaml is behind a symbolic link, and is never edited',
    );
    assert.equal(await located({ ...files, 'base/kustomization.yaml': '' }), 'prod/kustomization.yaml');
  });

  it('says which file below cannot be read', async () => {
    const files = { 'prod/kustomization.yaml': 'resources: [../base]\n', 'base/kustomization.yaml': 'images: {a: b}' };
    assert.match(String(await located(files)), /^FileInvalid: base\/kustomization.yaml `images` must be a YAML list/);
  });

  it('knows which image override of the Application wins over the file', () => {
    const place = { file: 'prod/kustomization.yaml', target: { kind: 'kustomize' as const }, text: named };
    const wins = (value: string, kind: ImageOverride['kind'] = 'kustomizeImages') =>
      kustomize.overriddenBy({ ...application, overrides: [{ kind, value }] }, [place]) !== undefined;
    for (const value of ['ghcr.io/acme/shop', 'GHCR.io/acme/shop:1', 'x=ghcr.io/acme/shop@sha256:0', 'app=other:1']) {
      assert.ok(wins(value), value);
    }
    for (const value of ['ghcr.io/acme/shop-two:1', 'redis:7', 'a=b:1', '=', '']) assert.ok(!wins(value), value);
    assert.ok(!wins('ghcr.io/acme/shop:1', 'helmParameters'));
  });

  it('spells the lines that name what runs now', () => {
    const lines = (tag?: string, digest?: string) => kustomize.linesFor({ name: 'app', tag, digest });
    assert.equal(lines('1.10'), 'images:\n- name: app\n  newTag: "1.10"');
    assert.equal(lines(undefined, 'sha256:0'), 'images:\n- name: app\n  digest: sha256:0');
    assert.equal(lines(), 'images:\n- name: app\n  newTag: latest');
  });
});
