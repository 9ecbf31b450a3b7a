import assert from 'node:assert/strict';
import { RenderError, type Rendered, render, type Tree } from './render.js';

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {initContainers: [{name: i, image: busybox}], containers: [{name: web, image: acme/web}]}}}`;

const files = {
  'base/kustomization.yaml': 'resources:\n- web.yaml\n',
  'base/web.yaml': deployment,
  'config.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {k: v}\n',
  'dev/kustomization.yaml': 'resources: [../base]\nnamePrefix: dev-\nimages: [{name: acme/web, newTag: 1.0.0}]\n',
  'prod/kustomization.yaml': 'resources: [../base, ../config.yaml]\nimages: [{name: acme/web, newTag: 2.0.0}]\n',
  'plain/web.yaml': deployment,
  'plain/README.md': 'not a manifest',
};

function treeOf(changes: Record<string, string> = {}): Tree {
  const all = new Map(Object.entries({ ...files, ...changes }));
  return {
    file: async (path) => all.get(path),
    async folder(path) {
      const names = [...all.keys()].filter((each) => each.startsWith(`${path}/`));
      return names.length > 0 ? names.map((each) => each.slice(path.length + 1)) : undefined;
    },
  };
}

function at(path: string) {
  return { path, release: 'web' };
}

describe('rendering', () => {
  it('follows bases and applies images and prefixes', async () => {
    const rendered = await render(treeOf(), at('dev'));
    assert.deepEqual(rendered.images, ['acme/web:1.0.0', 'busybox']);
    assert.equal(rendered.manifests[0]?.metadata.name, 'dev-web');
    assert.equal(rendered.sourceType, 'Kustomize');
    assert.deepEqual((await render(treeOf(), at('./prod/'))).images, ['acme/web:2.0.0', 'busybox']);
  });

  it('applies the images of the overlay last', async () => {
    const base = 'resources: [web.yaml]\nimages: [{name: acme/web, newTag: 0.1.0}]\n';
    const rendered = await render(treeOf({ 'base/kustomization.yaml': base }), at('dev'));
    assert.deepEqual(rendered.images, ['acme/web:1.0.0', 'busybox']);
  });

  it('renders a folder of manifests unchanged', async () => {
    const rendered = await render(treeOf(), at('plain'));
    assert.equal(rendered.sourceType, 'Directory');
    assert.deepEqual(rendered.images, ['acme/web', 'busybox']);
  });

  async function difference(path: string, changes: Record<string, string>): Promise<(keyof Rendered)[]> {
    const [before, after] = [await render(treeOf(), at(path)), await render(treeOf(changes), at(path))];
    return (['digest', 'workloadDigest'] as const).filter((key) => before[key] !== after[key]);
  }

  it('keeps its digest if the change is elsewhere or has no effect', async () => {
    assert.deepEqual(await difference('dev', { 'config.yaml': files['config.yaml'].replace('k: v', 'k: w') }), []);
    assert.deepEqual(await difference('dev', { 'prod/kustomization.yaml': 'resources: []' }), []);
    assert.deepEqual(
      await difference('dev', { 'dev/kustomization.yaml': `# hi\n${files['dev/kustomization.yaml']}` }),
      [],
    );
  });

  it('changes its digest if the path or a base of it changes', async () => {
    const all = ['digest', 'workloadDigest'];
    const bumped = files['dev/kustomization.yaml'].replace('1.0.0', '1.0.1');
    assert.deepEqual(await difference('dev', { 'dev/kustomization.yaml': bumped }), all);
    assert.deepEqual(await difference('dev', { 'base/web.yaml': `${deployment}\n---\n${deployment}` }), all);
  });

  it('recognises a change that starts no rollout', async () => {
    const config = files['config.yaml'].replace('k: v', 'k: w');
    assert.deepEqual(await difference('prod', { 'config.yaml': config }), ['digest']);
    const patched = 'resources: [../base]\npatches: [{path: p.yaml}]\n';
    const changes = { 'dev/kustomization.yaml': patched, 'dev/p.yaml': 'a: 1' };
    const first = await render(treeOf(changes), at('dev'));
    const second = await render(treeOf({ ...changes, 'dev/p.yaml': 'a: 2' }), at('dev'));
    assert.notEqual(first.digest, second.digest);
  });

  it('refuses what kustomize refuses, with a message', async () => {
    const refused = (text: string, words: RegExp) =>
      assert.rejects(render(treeOf({ 'dev/kustomization.yaml': text }), at('dev')), (error: Error) => {
        assert.ok(error instanceof RenderError);
        assert.match(error.message, words);
        return true;
      });
    await refused(
      'images: [{name: web, newTag: 1.10}]',
      /source>\/dev` failed.*invalid Kustomization: json: cannot unmarshal number into Go struct field Image.images.newTag of type string$/,
    );
    await refused(
      'resources: [../none]',
      /accumulating resources from '..\/none': evalsymlink failure on '<path to cached source>\/none'/,
    );
    await refused('resources: [../../etc]', /outside of the repository/);
    await refused('resources: [../dev]', /cycle/);
    await refused('resources: ["https://example.com/x"]', /remote/);
    await assert.rejects(render(treeOf(), at('nowhere')), /nowhere: app path does not exist/);
  });

  it('renders a chart with its values, which the value files override in their order', async () => {
    const chart = {
      'chart/Chart.yaml': 'name: web\n',
      'chart/values.yaml': 'image: {repository: acme/web, tag: 1.0.0}\nreplicas: 1\n',
      'chart/dev.yaml': 'image: {tag: 2.0.0}\n',
      'chart/templates/pod.yaml': [
        'apiVersion: v1',
        'kind: Pod',
        'metadata: {name: {{ .Release.Name }}}',
        'spec: {containers: [{name: a, image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"}]}',
      ].join('\n'),
    };
    const withFiles = (valueFiles: string[]) => render(treeOf(chart), { ...at('chart'), helm: { valueFiles } });
    const rendered = await withFiles(['dev.yaml']);
    assert.deepEqual([rendered.images, rendered.sourceType], [['acme/web:2.0.0'], 'Helm']);
    assert.equal(rendered.manifests[0]?.metadata.name, 'web');
    assert.deepEqual((await withFiles([])).images, ['acme/web:1.0.0']);
    await assert.rejects(
      withFiles(['none.yaml']),
      /^.*`helm template .* failed exit status 1: Error: open .*none.yaml: no such/,
    );
  });
});
