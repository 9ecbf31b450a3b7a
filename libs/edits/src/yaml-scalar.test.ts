import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parse } from 'yaml';
import { parseYaml, replaceScalar, splice } from './yaml-file.js';
import { formatScalar, isPlainString } from './yaml-scalar.js';

describe('a YAML scalar', () => {
  const plain = ['1.4.2', 'v1', 'latest', '1.4.2-rc.1', 'main-0a1b2c3', '_', 'noon', '1.2.3.4', 'deadbeef', '1-2'];
  for (const tag of plain) it(`leaves ${tag} as it is`, () => assert.equal(formatScalar(tag, ''), tag));

  const misread: [tag: string, as: string][] = [
    ...numbers('1.10', '1', '007', '08', '20261122', '1e5', '1E5', '12e', '1.', '1_000', '1__0.5'),
    ...numbers('0x1f', '0x1F', '0x_1f', '0b101', '0o17', '017'),
    ...as('a date', '2026-11-22', '2026-1-2'),
    ...as('a time', '12:30'),
    ...as('a boolean', 'on', 'On', 'off', 'yes', 'YES', 'no', 'n', 'y', 'Y', 'true', 'False'),
    ...as('null', 'null', 'NULL'),
  ];
  for (const [tag, what] of misread) {
    it(`puts ${tag} in quotes, which a YAML reader takes for ${what}`, () => {
      assert.equal(formatScalar(tag, ''), `"${tag}"`);
      const file = parseYaml('newTag: 1.4.1   # kept\n');
      const edited = splice(file.text, [replaceScalar(file, file.document.get('newTag', true), tag)]);
      assert.equal(edited, `newTag: "${tag}"   # kept\n`);
      for (const version of ['1.1', '1.2'] as const) assert.deepEqual(parse(edited, { version }), { newTag: tag });
    });
  }

  it('quotes a text that is not a tag but could be in its place', () => {
    for (const text of ['~', '12:30', '', '.inf', '*a', '&a', '# c', 'a: b']) assert.equal(isPlainString(text), false);
  });

  it('keeps the quotes it is given', () => {
    assert.equal(formatScalar('1.4.2', "'"), "'1.4.2'");
    assert.equal(formatScalar('1.10', '"'), '"1.10"');
  });

  it('always spells a string, for readers of YAML 1.1 and 1.2', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/), (tag) => {
        const text = `newTag: ${formatScalar(tag, '')}`;
        for (const version of ['1.1', '1.2'] as const) assert.deepEqual(parse(text, { version }), { newTag: tag });
      }),
      { numRuns: 2_000 },
    );
  });
});

function numbers(...tags: string[]): [string, string][] {
  return as('a number', ...tags);
}

function as(what: string, ...tags: string[]): [string, string][] {
  return tags.map((tag) => [tag, what]);
}
