import assert from 'node:assert/strict';
import { z } from 'zod';
import { didYouMean, fileReason, formatIssues, sanitizeLine } from './text.js';

describe('sanitizeLine', () => {
  it('joins many lines into one, without control characters', () => {
    assert.equal(sanitizeLine('  remote:\r\n\tno\u0000 \u001b[31mway\u202E! \u2028 '), 'remote: no way !');
  });

  it('bounds the length, and never cuts a character in two', () => {
    assert.equal(sanitizeLine('abcdef', 6), 'abcdef');
    assert.equal(sanitizeLine('abcdefg', 6), 'abcde…');
    assert.equal(sanitizeLine('abcd😀fg', 6), 'abcd…');
  });

  for (const [text, shown] of [
    ['cannot fetch https://me:hunter2@git.test/a.git: no', 'cannot fetch https://git.test/a.git: no'],
    ['https://me:hunter2@@git.test/a@b', 'https://git.test/a@b'],
    ['ssh://hunter2@git.test/a', 'ssh://git.test/a'],
    ['GET /a?private_token=hunter2&b=c', 'GET /a?private_token=***&b=c'],
    ['GET https://s3.test/a?X-Amz-Signature=0f1e&b=c', 'GET https://s3.test/a?X-Amz-Signature=***&b=c'],
    ['GET https://s3.test/a?Signature=0f%2B1e&Expires=1', 'GET https://s3.test/a?Signature=***&Expires=1'],
    ['https://acme.blob.test/a?sv=2024&sig=0f%2B1e%3D', 'https://acme.blob.test/a?sv=2024&sig=***'],
    ['https://git.test/a?design=x&assign=y', 'https://git.test/a?design=x&assign=y'],
    ['header Authorization: Basic aHVudGVyMg==', 'header Authorization: Basic ***'],
    ['Alice <alice@example.com> said no', 'Alice <alice@example.com> said no'],
  ] as const) {
    it(`hides a secret: ${shown}`, () => assert.equal(sanitizeLine(text), shown));
  }

  for (const part of ['a.', 'x://', '?a&token', '?sig', 'authorization: a', '\u001b[', 'a@'])
    it(`takes time in proportion to the text: many ${JSON.stringify(part)}`, () => {
      const start = performance.now();
      sanitizeLine(part.repeat(60_000));
      assert.ok(performance.now() - start < 5_000);
    });
});

describe('formatIssues', () => {
  it('names each path, and no value', () => {
    const schema = z.strictObject({ a: z.object({ b: z.number() }) });
    const { error } = schema.safeParse({ a: { b: 'hunter2' }, 'x\ny': 1 });
    const formatted = error ? formatIssues(error) : '';
    assert.match(formatted, /^a\.b: .*number.*; it: .*"x y"/);
    assert.doesNotMatch(formatted, /hunter2|\n/);
  });
});

describe('didYouMean', () => {
  for (const [word, nearest] of [
    ['aplications', 'applications'],
    ['imagess', 'images'],
    ['tag', 'tags'],
    ['soak', undefined],
    ['x'.repeat(100_000), undefined],
  ] as const) {
    it(`${word.slice(0, 20)}: ${nearest}`, () => {
      const said = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
      assert.equal(didYouMean(word, ['name', 'images', 'tags', 'stations', 'applications']), said);
    });
  }
});

describe('fileReason', () => {
  it('translates the error codes of the operating system', () => {
    assert.equal(fileReason(Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT' })), 'it does not exist');
    assert.equal(fileReason(new Error('the directory is empty')), 'the directory is empty');
  });
});
