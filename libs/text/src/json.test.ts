import assert from 'node:assert/strict';
import { tryParseJson } from './json.js';

describe('tryParseJson', () => {
  it('returns the value of JSON, and undefined for any other text', () => {
    assert.deepEqual(tryParseJson('{"a": [1, null]}'), { a: [1, null] });
    assert.equal(tryParseJson('null'), null);
    for (const text of ['', '{', 'secret']) assert.equal(tryParseJson(text), undefined);
  });
});
