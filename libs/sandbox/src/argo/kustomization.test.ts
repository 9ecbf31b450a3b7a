import assert from 'node:assert/strict';
import { changeImage, parseKustomization } from './kustomization.js';

const sha = `sha256:${'a'.repeat(64)}`;
const rows: [reference: string, change: Parameters<typeof changeImage>[1][number], result: string][] = [
  ['acme/web', { name: 'acme/web', newTag: '1.0.0' }, 'acme/web:1.0.0'],
  ['acme/web:0.9', { name: 'acme/web', newTag: '1.0.0' }, 'acme/web:1.0.0'],
  ['acme/web:0.9', { name: 'acme/web', digest: sha }, `acme/web@${sha}`],
  [`acme/web@${sha}`, { name: 'acme/web', newTag: '1.0.0' }, 'acme/web:1.0.0'],
  ['acme/web:0.9', { name: 'acme/web', newTag: '1', digest: sha }, `acme/web:1@${sha}`],
  ['acme/web:0.9', { name: 'acme/web', newName: 'ghcr.io/acme/web' }, 'ghcr.io/acme/web:0.9'],
  ['localhost:5000/web:0.9', { name: 'localhost:5000/web', newTag: '1' }, 'localhost:5000/web:1'],
  ['localhost:5000/web', { name: 'localhost:5000/web', newTag: '1' }, 'localhost:5000/web:1'],
  ['acme/web-api:0.9', { name: 'acme/web', newTag: '1' }, 'acme/web-api:0.9'],
];

describe('the images of a kustomization', () => {
  for (const [reference, change, result] of rows) {
    it(`${JSON.stringify(change)} makes ${result} of ${reference}`, () => {
      assert.equal(changeImage(reference, [change]), result);
    });
  }

  it('refuse a tag that is a number, as kustomize does', () => {
    assert.throws(
      () => parseKustomization('images: [{name: web, newTag: 1.10}]'),
      /cannot unmarshal number into Go struct field Image.images.newTag of type string/,
    );
    assert.equal(parseKustomization('images: [{name: web, newTag: "1.10"}]').images?.[0]?.newTag, '1.10');
  });
});
