import assert from 'node:assert/strict';
import { base, render, shop, uses } from './rendering.fixture.js';

const source = 'source: {kind: ConfigMap, name: release, fieldPath: data.image}';
const replaced = (target: string) => ({
  ...base(`${shop}:1`),
  'prod/kustomization.yaml': `resources: [../base, release.yaml]\nreplacements:\n- ${source}\n  targets:\n  - select: {kind: Deployment}\n    ${target}\n`,
  'prod/release.yaml': `kind: ConfigMap\nmetadata: {name: release}\ndata: {image: "mirror.example.com/acme/shop:3"}\n`,
});
const containerImage = 'fieldPaths: ["spec.template.spec.containers.[name=shop].image"]';

describe('a replacement of kustomize', () => {
  it('decides an image that it writes', async () => {
    assert.deepEqual(await uses(replaced(containerImage)), [
      'mirror.example.com/acme/shop:3 <- EditWithoutEffect: prod/kustomization.yaml has a replacement that writes the image of Deployment shop after everything else: change what it reads (ConfigMap release), or remove it',
    ]);
  });

  it('leaves the tag to the file where it writes only the repository', async () => {
    const [use = ''] = await uses(replaced(`${containerImage}\n    options: {delimiter: ":", index: 0}`));
    assert.match(use, /^mirror.example.com\/acme\/shop:3:1 <- base\/deployment.yaml\(manifest\), prod/);
  });

  it('leaves what it reads as it is', async () => {
    const two = '{kind: Pod, metadata: {name: a}, spec: {containers: [{image: "a:1"}, {image: "b:2"}]}}';
    const from = 'source: {kind: Pod, fieldPath: "spec.containers.*.image"}, targets: [{select: {kind: Service}}]';
    const found = await uses({
      'prod/kustomization.yaml': `resources: [pod.yaml]\nreplacements: [{${from}}]\n`,
      'prod/pod.yaml': two,
    });
    assert.deepEqual(
      found.map((use) => use.slice(0, 3)),
      ['a:1', 'b:2'],
    );
  });

  it('reads a path in time that grows with its length', async () => {
    const start = performance.now();
    await uses(replaced(`fieldPaths: ["${'.['.repeat(150_000)}"]`));
    assert.ok(performance.now() - start < 10_000);
  });

  it('does not win over the entries of a kustomization above', async () => {
    const files = { ...replaced(containerImage), 'top/kustomization.yaml': 'resources: [../prod]\n' };
    const {
      uses: [use],
    } = await render(files, { path: 'top' });
    assert.deepEqual([use?.decidedBy, use?.ways.map(({ file }) => file)], [undefined, ['top/kustomization.yaml']]);
  });
});
