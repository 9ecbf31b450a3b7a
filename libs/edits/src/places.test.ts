import assert from 'node:assert/strict';
import { placesNaming } from './places.js';
import { treesOf } from './tree.fixture.js';

const image = { repository: 'ghcr.io/acme/shop', tag: '2.0.0' };

/** From which files an Application takes the image, and the images that it renders. */
async function naming(files: Record<string, string>, type = 'Kustomize') {
  const application = { namespace: 'argocd', name: 'shop', sources: [{ path: 'dev', type }], image };
  const { places, images } = await placesNaming(treesOf(files), application);
  return [...places.map(({ file }) => file), ...images];
}

describe('the places that name an image', () => {
  it('are those that decide it, each once', async () => {
    const files = {
      'dev/kustomization.yaml': 'resources: [a.yaml]\nimages: [{name: ghcr.io/acme/shop, newTag: 1.0.0}]\n',
      'dev/a.yaml': 'containers: [{image: ghcr.io/acme/shop}, {image: ghcr.io/acme/shop}, {image: redis}]\n',
    };
    const shop = 'ghcr.io/acme/shop:1.0.0';
    assert.deepEqual(await naming(files), ['dev/kustomization.yaml', shop, shop]);
  });

  it('are none where the files cannot be read, or are not there', async () => {
    assert.deepEqual(await naming({ 'dev/kustomization.yaml': 'images: [' }), []);
    assert.deepEqual(await naming({ 'prod/kustomization.yaml': '' }), []);
    assert.deepEqual(await naming({ 'dev/a.yaml': '' }, 'Plugin'), []);
  });
});
