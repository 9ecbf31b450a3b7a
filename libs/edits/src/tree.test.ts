import assert from 'node:assert/strict';
import fc from 'fast-check';
import { link, treeOf } from './tree.fixture.js';
import { cleanPath, lookUp } from './tree.js';

describe('tree', () => {
  it('cleans a path', () => {
    for (const [path, from, clean] of [
      ['a/b', '', 'a/b'],
      ['./a//b/.', '', 'a/b'],
      ['.', '', ''],
      ['', 'a', 'a'],
      ['../b', 'a', 'b'],
      ['../../b', 'a', undefined],
      ['a/../../b', '', undefined],
      ['/etc', '', undefined],
      ['a\\..\\b', '', undefined],
      ['a\0b', '', undefined],
    ] as const) {
      assert.equal(cleanPath(path, from), clean, path);
    }
  });

  it('never leaves the repository', () => {
    const segment = fc.constantFrom('..', '.', '', 'a', 'b', '/', '~');
    fc.assert(
      fc.property(fc.array(segment), fc.array(segment), (path, from) => {
        const clean = cleanPath(path.join('/'), cleanPath(from.join('/')) ?? '');
        if (clean !== undefined) assert.doesNotMatch(`/${clean}/`, /\/\.\.\/|^\/\/.|\/\.\//);
      }),
    );
  });

  it('stops at a link and says where it leads', async () => {
    const tree = treeOf({ 'a/l': link('../b'), 'b/c/f': 'text', out: link('../../x'), sub: { is: 'link' } });
    assert.deepEqual(await lookUp(tree, 'b/c/f'), { is: 'file', text: 'text' });
    assert.deepEqual(await lookUp(tree, 'a/l/c/f'), { is: 'link', target: '../b', leadsTo: 'b/c/f' });
    assert.deepEqual(await lookUp(tree, 'a/l'), { is: 'link', target: '../b', leadsTo: 'b' });
    assert.deepEqual(await lookUp(tree, 'out/a'), { is: 'link', target: '../../x' });
    assert.deepEqual(await lookUp(tree, 'sub/a'), { is: 'link' });
    assert.equal(await lookUp(tree, 'b/c/f/g'), undefined);
    assert.equal(await lookUp(tree, 'none/f'), undefined);
  });
});
