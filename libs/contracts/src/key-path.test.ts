import assert from 'node:assert/strict';
import { formatKeyPath, parseKeyPath } from './key-path.js';

describe('the path to a value', () => {
  it('is read as people write it', () => {
    for (const [text, path] of [
      ['image_tag', ['image_tag']],
      ['image.tag', ['image', 'tag']],
      ['containers[1].image.tag', ['containers', 1, 'image', 'tag']],
      ['"acme.example.com/tag".x', ['acme.example.com/tag', 'x']],
      ['a[0][1]', ['a', 0, 1]],
    ] as const) {
      assert.deepEqual(parseKeyPath(text), path, text);
      assert.equal(formatKeyPath([...path]), text);
    }
  });

  it('is refused where it is not one', () => {
    for (const text of ['', '.a', 'a.', 'a..b', '[0]', 'a b', 'a[x]', 'a[', '"a', 'a"b"', 'x.'.repeat(40)]) {
      assert.equal(parseKeyPath(text), undefined, text);
    }
  });
});
