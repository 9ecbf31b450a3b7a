import assert from 'node:assert/strict';
import { imageOverrides } from '@k8sta/contracts';
import type { Source } from './application.js';
import { overridesOf, valueFilesOf } from './overrides.js';

function keys(helm: Source['helm']): string[] {
  return overridesOf({ helm }).map(({ kind, value }) => `${kind} ${value}`);
}

describe('overrides', () => {
  it('keeps every entry of kustomize.images', () => {
    assert.deepEqual(overridesOf({ kustomize: { images: ['ghcr.io/acme/shop:1.0.0', 'a=b@sha256:0'] } }), [
      { kind: 'kustomizeImages', value: 'ghcr.io/acme/shop:1.0.0' },
      { kind: 'kustomizeImages', value: 'a=b@sha256:0' },
    ]);
  });

  it('keeps the Helm parameters and keys that could set an image, and never a value', () => {
    const values = 'image:\n  tag: s3cret\nreplicas: 3\npassword: s3cret\n';
    const parameters = [{ name: 'image.tag' }, { name: 'replicas' }, { name: null }];
    assert.deepEqual(keys({ parameters, values }), ['helmParameters image.tag', 'helmValues image.tag']);
    const valuesObject = { web: { image: { pullSecret: 's3cret', tag: 1.5 } }, list: [{ imageTag: 'x' }], image: {} };
    assert.deepEqual(keys({ values, valuesObject }), [
      ...['helmValues web.image.pullSecret', 'helmValues web.image.tag', 'helmValues list.0.imageTag'],
    ]);
    assert.doesNotMatch(JSON.stringify(overridesOf({ helm: { parameters, values, valuesObject } })), /s3cret/);
    assert.deepEqual(keys({ fileParameters: [{ name: 'image.tag' }] }), ['helmParameters image.tag']);
  });

  it('keeps what is a repository or a registry, from which the key of the tag follows', () => {
    const parameters = [{ name: 'image.repository', value: 'ghcr.io/acme/shop' }];
    const values = 'global:\n  imageRegistry: registry.example.com:5000\nimage:\n  tag: 1.0.0\n';
    assert.deepEqual(overridesOf({ helm: { parameters, values } }), [
      { kind: 'helmParameters', value: 'image.repository', text: 'ghcr.io/acme/shop' },
      { kind: 'helmValues', value: 'global.imageRegistry', text: 'registry.example.com:5000' },
      { kind: 'helmValues', value: 'image.tag' },
    ]);
  });

  it('keeps the switches of subcharts, behind everything else', () => {
    const parameters = [{ name: 'web.enabled', value: 'true' }, { name: 'image.tag' }];
    assert.deepEqual(overridesOf({ helm: { parameters, valuesObject: { db: { enabled: false } } } }), [
      { kind: 'helmParameters', value: 'image.tag' },
      { kind: 'helmParameters', value: 'web.enabled', text: 'true' },
      { kind: 'helmValues', value: 'db.enabled', text: 'false' },
    ]);
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`a${at}`, { enabled: true }]));
    assert.equal(overridesOf({ helm: { valuesObject: { ...many, image: { tag: 'x' } } } })[0]?.value, 'image.tag');
  });

  it('reports values that it cannot read', () => {
    assert.deepEqual(keys({ values: 'image: [' }), ['helmValues *']);
  });

  it('reports values that are nested too deeply, and reads the others', () => {
    const deep = (levels: number) => `${'{"a":'.repeat(levels)}{"tag":"x"}${'}'.repeat(levels)}`;
    const values = `{"a":${deep(5_000)},"image":{"tag":"x"}}`;
    assert.deepEqual(keys({ valuesObject: JSON.parse(values) }), ['helmValues image.tag', 'helmValues *']);
    // V8 aborted the process when it compiled a regular expression of the parser at the end of the stack.
    for (let count = 0; count < 300; count++) assert.deepEqual(keys({ values: deep(3_000) }), ['helmValues *']);
  });

  it('terminates on values that contain themselves', () => {
    const circle = 'image: &a {b: [*a, *a, *a], tag: x}\n';
    const found = keys({ values: circle });
    assert.equal(found.at(-1), 'helmValues *');
    assert.ok(found.length <= 20);
  });

  it('is bounded for any Application', () => {
    const image = 'x'.repeat(5_000);
    const images = Array.from({ length: 100 }, () => image);
    const overrides = overridesOf({ kustomize: { images }, helm: { parameters: [{ name: `${image}.tag` }] } });
    assert.deepEqual(imageOverrides.parse(overrides), overrides);
    assert.equal(overrides.length, 20);
    assert.equal(valueFilesOf({ helm: { valueFiles: images } }).length, 50);
  });

  it('finds none in a source without overrides', () => {
    for (const source of [{}, { kustomize: null, helm: null }, { kustomize: { images: null }, helm: { values: '' } }]) {
      assert.deepEqual(overridesOf(source), []);
    }
  });
});
