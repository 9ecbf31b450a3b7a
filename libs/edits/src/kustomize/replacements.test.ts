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

  it('does not win over the entries of a kustomization above', async () => {
    const files = { ...replaced(containerImage), 'top/kustomization.yaml': 'resources: [../prod]\n' };
    const {
      uses: [use],
    } = await render(files, { path: 'top' });
    assert.deepEqual([use?.decidedBy, use?.ways.map(({ file }) => file)], [undefined, ['top/kustomization.yaml']]);
  });
});
