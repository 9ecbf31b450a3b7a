import assert from 'node:assert/strict';
import fc from 'fast-check';
import { kustomizeFormat } from './format.js';
import { base, entry, overlay, render, shop } from './rendering.fixture.js';

describe('the meaning of a rendering', () => {
  it('stays the same under an edit of an entry or a literal that an overlay overrides, and of no other', async () => {
    const tag = fc.constantFrom('1', '2');
    const optional = fc.option(tag, { nil: undefined });
    await fc.assert(
      fc.asyncProperty(
        tag,
        optional,
        optional,
        fc.constantFrom('base/kustomization.yaml', 'base/deployment.yaml'),
        async (literal, inner, outer, file) => {
          const files = {
            ...base(`${shop}:${literal}`, inner && entry(shop, inner)),
            'prod/kustomization.yaml': overlay + (outer ? entry(shop, outer) : ''),
          };
          const before = await render(files);
          const text = String(files[file as keyof typeof files]).replace(/(shop:|newTag: ")[12]/, '$13');
          const after = await render({ ...files, [file]: text });
          const isSame = before.uses[0]?.image === after.uses[0]?.image;
          assert.equal(before.meaning === after.meaning, isSame);
        },
      ),
    );
  });

  it('changes with everything else that the build reads', async () => {
    const files = {
      ...base(`${shop}:1`),
      'prod/kustomization.yaml': `${overlay}configMapGenerator: [{name: a, files: [key=a.txt]}]\n`,
      'prod/a.txt': 'one',
    };
    const { meaning } = await render(files);
    for (const [file, text] of Object.entries(files)) {
      const changed = file.endsWith('.txt')
        ? 'two'
        : text.replace('resources', 'namespace: a\nresources').replace('spec:', 'spec:\n  replicas: 2');
      assert.notEqual((await render({ ...files, [file]: changed })).meaning, meaning, file);
    }
  });

  it('stays the same when an entry is inserted where it has no effect', async () => {
    const files = { ...base(shop), 'prod/kustomization.yaml': overlay + entry(shop, '1') };
    const image = { repository: shop, tag: '2.0.0' };
    const edit = kustomizeFormat.edit(files['base/kustomization.yaml'], image, { kind: 'kustomize' }, shop);
    assert.ok(edit.is === 'edited');
    const after = await render({ ...files, 'base/kustomization.yaml': edit.text });
    assert.equal(after.meaning, (await render(files)).meaning);
  });
});
