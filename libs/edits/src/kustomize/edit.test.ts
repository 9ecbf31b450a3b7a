import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parse } from 'yaml';
import { editImage } from './edit.js';
import { readImage } from './kustomization.js';

const repository = 'ghcr.io/acme/storefront';
const image = { repository, tag: '1.4.2' };
const digest = `sha256:${'a'.repeat(64)}`;
const oldDigest = `sha256:${'0'.repeat(64)}`;

function refusal(text: string, change = image): string {
  const edit = editImage(text, change);
  assert.equal(edit.is, 'refused', JSON.stringify(edit));
  return edit.is === 'refused' ? edit.message : '';
}

describe('an edit of a kustomization', () => {
  it('returns the image before and after', () => {
    const edit = editImage(`images:\n- name: app\n  newName: ${repository}\n  newTag: 1.4.1\n`, image);
    assert.ok(edit.is === 'edited');
    assert.deepEqual([edit.before, edit.after], [`${repository}:1.4.1`, `${repository}:1.4.2`]);
    const pinned = editImage(`images:\n- name: ${repository}\n  digest: ${oldDigest}\n`, { ...image, digest });
    assert.ok(pinned.is === 'edited');
    assert.deepEqual([pinned.before, pinned.after], [`${repository}@${oldDigest}`, `${repository}@${digest}`]);
  });

  it('cuts the image to the length that an event can carry', () => {
    const edit = editImage(`images:\n- name: ${repository}\n  newTag: ${'x'.repeat(10_000)}\n`, image);
    assert.ok(edit.is === 'edited' && edit.before?.length === 512);
  });

  const refusals: [what: string, text: string, message: RegExp][] = [
    ['brackets without end', '['.repeat(50_000), /^is nested too deeply to be read$/],
    ['an alias bomb', `a: &a [x,x]\nb: &b [*a,*a]\nimages: [${'*b,'.repeat(50)}]\n`, /an alias \(line 3/],
    ['a file too large', `# ${'x'.repeat(1024 * 1024)}\n`, /more than/],
  ];
  for (const [what, text, message] of refusals) it(`refuses ${what}`, () => assert.match(refusal(text), message));

  it('changes no other byte, for any file and any tag', () => {
    fc.assert(
      fc.property(file, tag, ({ head, tail, quote }, wanted) => {
        const before = `${head}${quote}0.0.1${quote}${tail}`;
        const change = { repository, tag: wanted };
        const edit = editImage(before, change);
        assert.ok(edit.is === 'edited', JSON.stringify(edit));
        const { text } = edit;
        assert.ok(text.startsWith(head) && text.endsWith(tail), text);
        const value = text.slice(head.length, text.length - tail.length);
        assert.ok([wanted, `"${wanted}"`, `'${wanted}'`].includes(value), value);
        for (const version of ['1.1', '1.2'] as const) {
          const [was, is] = [before, text].map((each) => parse(each, { version }));
          const at = is.images.findIndex(({ name }: { name: string }) => name === repository);
          assert.equal(is.images[at].newTag, wanted, `a string under YAML ${version}`);
          is.images[at].newTag = was.images[at].newTag;
          assert.deepEqual(is, was, 'nothing else has changed');
        }
        assert.deepEqual(readImage(text, change), { names: true, spelled: `${repository}:${wanted}` });
        assert.equal(editImage(text, change).is, 'unchanged');
      }),
      { numRuns: 1_000 },
    );
  });
});

/** What the distribution specification allows: a word character, then up to 127 of these. */
const tag = fc
  .oneof(
    fc.constantFrom(
      '1.10',
      'on',
      'v2',
      '20261122',
      '1e5',
      '0x1F',
      '2026-11-22',
      '1_000',
      'null',
      '_',
      'Yes',
      '1.',
      '0b1',
    ),
    fc.stringMatching(/^[0-9]+([._e-][0-9]+){0,3}$/),
    fc.stringMatching(/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/),
  )
  .filter((text) => text.length <= 128 && text !== '0.0.1');

/** A kustomization, cut at the tag. */
const file = fc
  .record({
    mark: fc.constantFrom('', '\uFEFF'),
    eol: fc.constantFrom('\n', '\r\n'),
    before: lines('# a: comment', 'namePrefix: "ü "', 'a: &x [1, {b: c}]', '', 'k: |', "'q': 'it''s'", '# images: no'),
    after: lines('# end', '', 'z: 1.10', 'y: "\\u00fc"', 'resources:', 'r: [a, &b c, *b]'),
    others: fc.subarray(['- name: other', '- {name: another, newTag: 0.0.1}', '# - name: commented', '- name: "x:y"']),
    keys: fc.subarray([`newName: ${repository} # the same`, '# between', 'x: 0.0.1']),
    indent: fc.constantFrom('', '  ', '    '),
    gap: fc.constantFrom('', ' ', '   '),
    comment: fc.constantFrom('', ' # old', '   #', '\t# ü'),
    quote: fc.constantFrom('', '"', "'"),
    newline: fc.boolean(),
  })
  .map(({ mark, eol, before, after, others, keys, indent, gap, comment, quote, newline }) => {
    const head = [
      ...before,
      'images:',
      ...others.map((line) => `${indent}${line}`),
      `${indent}-${gap} name: ${repository}`,
      ...keys.map((line) => `${indent} ${gap} ${line}`),
      `${indent} ${gap} newTag: `,
    ].join(eol);
    const tail = [comment, ...after].join(eol);
    return { head: mark + head, tail: newline ? tail + eol : tail, quote };
  });

function lines(...each: string[]) {
  return fc.subarray(each, { maxLength: 4 });
}
