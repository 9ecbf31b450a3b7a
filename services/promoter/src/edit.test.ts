import assert from 'node:assert/strict';
import fc from 'fast-check';
import { editImage, readImage } from './edit.js';

const repository = 'ghcr.io/acme/storefront';
const image = { repository, tag: '1.4.2' };
const digest = `sha256:${'a'.repeat(64)}`;
const oldDigest = `sha256:${'0'.repeat(64)}`;

function edited(text: string, change: { repository: string; tag: string; digest?: string } = image): string {
  const edit = editImage(text, change);
  assert.equal(edit.is, 'edited', JSON.stringify(edit));
  return edit.is === 'edited' ? edit.text : '';
}

function refusal(text: string, change = image): string {
  const edit = editImage(text, change);
  assert.equal(edit.is, 'refused', JSON.stringify(edit));
  return edit.is === 'refused' ? edit.reason : '';
}

describe('edit', () => {
  const cases: [what: string, before: string, after: string][] = [
    [
      'a plain tag',
      `images:\n- name: ${repository}\n  newTag: 1.4.1\n`,
      `images:\n- name: ${repository}\n  newTag: 1.4.2\n`,
    ],
    [
      'double quotes',
      `images:\n- name: ${repository}\n  newTag: "1.4.1"\n`,
      `images:\n- name: ${repository}\n  newTag: "1.4.2"\n`,
    ],
    [
      'single quotes',
      `images:\n- name: ${repository}\n  newTag: '1.4.1'\n`,
      `images:\n- name: ${repository}\n  newTag: '1.4.2'\n`,
    ],
    [
      'comments, odd spacing and other entries',
      `# top\nimages:   # list\n  -   name:  ${repository}   # ours\n      newTag:   1.4.1   # old\n\n  - {name: other, newTag: "9"}\n# end`,
      `# top\nimages:   # list\n  -   name:  ${repository}   # ours\n      newTag:   1.4.2   # old\n\n  - {name: other, newTag: "9"}\n# end`,
    ],
    [
      'a byte-order mark and CRLF',
      `\uFEFFimages:\r\n- name: ${repository}\r\n  newTag: 1.4.1\r\n`,
      `\uFEFFimages:\r\n- name: ${repository}\r\n  newTag: 1.4.2\r\n`,
    ],
    [
      'no newline at the end',
      `images:\n- name: ${repository}\n  newTag: 1`,
      `images:\n- name: ${repository}\n  newTag: 1.4.2`,
    ],
    [
      'a flow mapping',
      `images: [{name: ${repository}, newTag: "1"}]`,
      `images: [{name: ${repository}, newTag: "1.4.2"}]`,
    ],
    [
      'JSON',
      `{"images": [{"name": "${repository}", "newTag": "1"}]}`,
      `{"images": [{"name": "${repository}", "newTag": "1.4.2"}]}`,
    ],
    [
      'the new name',
      `images:\n- name: app\n  newName: ${repository}\n  newTag: a\n`,
      `images:\n- name: app\n  newName: ${repository}\n  newTag: 1.4.2\n`,
    ],
    [
      'another spelling of the repository',
      'images:\n- name: GHCR.io/Acme/Storefront\n  newTag: a\n',
      'images:\n- name: GHCR.io/Acme/Storefront\n  newTag: 1.4.2\n',
    ],
    [
      'all of several entries',
      `images:\n- name: ${repository}\n  newTag: a\n- name: x\n  newName: ${repository}\n  newTag: b\n`,
      `images:\n- name: ${repository}\n  newTag: 1.4.2\n- name: x\n  newName: ${repository}\n  newTag: 1.4.2\n`,
    ],
    [
      'an anchor elsewhere',
      `a: &x 1\nb: *x\nimages:\n- name: ${repository}\n  newTag: a\n`,
      `a: &x 1\nb: *x\nimages:\n- name: ${repository}\n  newTag: 1.4.2\n`,
    ],
    [
      'a name from an alias',
      `x: &n ${repository}\nimages:\n- name: *n\n  newTag: a\n`,
      `x: &n ${repository}\nimages:\n- name: *n\n  newTag: 1.4.2\n`,
    ],
    [
      'a document start',
      `---\nimages:\n- name: ${repository}\n  newTag: a\n`,
      `---\nimages:\n- name: ${repository}\n  newTag: 1.4.2\n`,
    ],
    [
      'no tag yet',
      `images:\n  - name: ${repository} # c\n\nx: y\n`,
      `images:\n  - name: ${repository} # c\n    newTag: 1.4.2\n\nx: y\n`,
    ],
    [
      'no tag yet, CRLF',
      `images:\r\n- name: ${repository}\r\nx: y\r\n`,
      `images:\r\n- name: ${repository}\r\n  newTag: 1.4.2\r\nx: y\r\n`,
    ],
    ['no tag yet, no newline', `images:\n-  name: ${repository}`, `images:\n-  name: ${repository}\n   newTag: 1.4.2`],
    [
      'no tag yet, behind the new name',
      `images:\n- newName: ${repository}\n  name: a\n`,
      `images:\n- newName: ${repository}\n  name: a\n  newTag: 1.4.2\n`,
    ],
    [
      'no tag yet, flow',
      `images: [{name: ${repository}}, {name: b}]\n`,
      `images: [{name: ${repository}, newTag: 1.4.2}, {name: b}]\n`,
    ],
    [
      'no tag yet, JSON',
      `{"images":[{"name":"${repository}"}]}`,
      `{"images":[{"name":"${repository}", "newTag": "1.4.2"}]}`,
    ],
    [
      'an empty tag',
      `images:\n- name: ${repository}\n  newTag:\n`,
      `images:\n- name: ${repository}\n  newTag: 1.4.2\n`,
    ],
    [
      'a pin without a tag',
      `images:\n- name: ${repository}\n  digest: ${oldDigest} # pin\n`,
      `images:\n- name: ${repository}\n  newTag: 1.4.2 # pin\n`,
    ],
    [
      'a pin beside a tag',
      `images:\n- name: ${repository}\n  digest: ${oldDigest}\n  newTag: a\n`,
      `images:\n- name: ${repository}\n  newTag: 1.4.2\n`,
    ],
    [
      'a pin beside the right tag',
      `images:\n- name: ${repository}\n  newTag: 1.4.2\n  digest: ${oldDigest}\nx: y\n`,
      `images:\n- name: ${repository}\n  newTag: 1.4.2\nx: y\n`,
    ],
  ];
  for (const [what, before, after] of cases) it(`sets ${what}`, () => assert.equal(edited(before), after));

  it('sets the pin and the tag together when the digest is known', () => {
    const pinned = { ...image, digest };
    const both = (tag: string, pin: string) => `images:\n- name: ${repository}\n  newTag: ${tag}\n  digest: "${pin}"\n`;
    assert.equal(edited(both('1.4.1', oldDigest), pinned), both('1.4.2', digest));
    assert.equal(edited(both('1.4.2', oldDigest), pinned), both('1.4.2', digest));
    assert.equal(edited(both('1.4.1', digest), pinned), both('1.4.2', digest));
    const only = (pin: string) => `images:\n- name: ${repository}\n  digest: ${pin}\n`;
    assert.equal(edited(only(oldDigest), pinned), only(digest));
  });

  it('adds no pin where there is none', () => {
    assert.equal(
      edited(`images:\n- name: ${repository}\n  newTag: a\n`, { ...image, digest }),
      `images:\n- name: ${repository}\n  newTag: 1.4.2\n`,
    );
  });

  it('gives a tag the quotes it needs, also when it was the same without', () => {
    const tag = (text: string) => `images:\n- name: ${repository}\n  newTag: ${text}\n`;
    assert.equal(edited(tag('1.9'), { repository, tag: '1.10' }), tag('"1.10"'));
    assert.equal(edited(tag('1.10'), { repository, tag: '1.10' }), tag('"1.10"'));
    assert.equal(edited(tag("'1.9'"), { repository, tag: '1.10' }), tag("'1.10'"));
  });

  it('says what was and what is', () => {
    const edit = editImage(`images:\n- name: app\n  newName: ${repository}\n  newTag: 1.4.1\n`, image);
    assert.ok(edit.is === 'edited');
    assert.deepEqual([edit.before, edit.after], [`${repository}:1.4.1`, `${repository}:1.4.2`]);
    const pinned = editImage(`images:\n- name: ${repository}\n  digest: ${oldDigest}\n`, { ...image, digest });
    assert.ok(pinned.is === 'edited');
    assert.deepEqual([pinned.before, pinned.after], [`${repository}@${oldDigest}`, `${repository}@${digest}`]);
  });

  it('says no more than can be published', () => {
    const edit = editImage(`images:\n- name: ${repository}\n  newTag: ${'x'.repeat(10_000)}\n`, image);
    assert.ok(edit.is === 'edited' && edit.before.length === 512);
  });

  it('has nothing to do where the image is named already', () => {
    const text = `images:\n- name: ${repository}\n  newTag: 1.4.2\n`;
    assert.deepEqual(editImage(text, image), { is: 'already', before: `${repository}:1.4.2` });
    assert.deepEqual(editImage(text, { ...image, digest }), { is: 'already', before: `${repository}:1.4.2` });
  });

  it('leaves a file alone that does not name the image', () => {
    for (const text of [
      '',
      '# nothing\n',
      'resources: []\n',
      'images:\n',
      'images: []\n',
      'images:\n- name: "not an image!"\n  newTag: a\n',
      `images:\n- name: ${repository}-two\n`,
    ]) {
      assert.deepEqual(editImage(text, image), { is: 'notNamed' }, text);
    }
  });

  const refusals: [what: string, text: string, reason: RegExp][] = [
    ['invalid YAML', 'a: [\nb: }', /no valid YAML: .*line 2, column/],
    ['several documents', `images:\n- name: ${repository}\n---\na: b\n`, /multiple documents.*line 3, column 1/],
    [
      'a key that occurs twice',
      `images:\n- name: ${repository}\n  newTag: a\n  newTag: b\n`,
      /unique.*line 4, column 3/,
    ],
    ['a list at the root', '- a\n', /is no mapping \(line 1, column 1\)/],
    ['images that are no list', 'images: {a: b}\n', /no list.*line 1, column 9/],
    ['images from an alias', `a: &a [{name: ${repository}}]\nimages: *a\n`, /no list.*line 2, column 9/],
    ['an entry from an alias', `a: &a {name: ${repository}}\nimages:\n- *a\n`, /an alias \(line 3, column 3\)/],
    ['an entry that is a text', 'images:\n- a\n', /no mapping \(line 2, column 3\)/],
    ['a merge key', `a: &a {name: ${repository}}\nimages:\n- <<: *a\n  newTag: a\n`, /merge key \(line 3, column 3\)/],
    ['an anchor on the tag', `images:\n- name: ${repository}\n  newTag: &t a\nx: *t\n`, /anchor.*line 3, column 14/],
    [
      'a digest from an alias',
      `x: &d ${oldDigest}\nimages:\n- name: ${repository}\n  newTag: a\n  digest: *d\n`,
      /alias.*line 5, column 11/,
    ],
    ['a name from an alias without a tag', `x: &n ${repository}\nimages:\n- name: *n\n`, /alias.*line 3, column 9/],
    ['an alias as the tag', `x: &t a\nimages:\n- name: ${repository}\n  newTag: *t\n`, /alias.*line 4, column 11/],
    [
      'a type on the tag',
      `images:\n- name: ${repository}\n  newTag: !!str a\n`,
      /a tag cannot be edited.*line 3, column/,
    ],
    [
      'a block of text as the tag',
      `images:\n- name: ${repository}\n  newTag: |-\n    a\n`,
      /block of text.*line 3, column 11/,
    ],
    ['a tag suffix', `images:\n- name: ${repository}\n  tagSuffix: -arm\n`, /tagSuffix.*line 2, column 3/],
    [
      'a pin that shares its line',
      `images: [{name: ${repository}, newTag: a, digest: "${oldDigest}"}]\n`,
      /pinned by a digest.*line 1/,
    ],
    [
      'a pin with a comment',
      `images:\n- name: ${repository}\n  newTag: a\n  digest: ${oldDigest} # why\n`,
      /pinned by a digest.*line 4, column 3/,
    ],
    ['brackets without end', '['.repeat(50_000), /./],
    ['an alias bomb', `a: &a [x,x]\nb: &b [*a,*a]\nimages: [${'*b,'.repeat(50)}]\n`, /an alias \(line 3/],
    ['a file too large', `# ${'x'.repeat(1024 * 1024)}\n`, /more than/],
  ];
  for (const [what, text, reason] of refusals) it(`refuses ${what}`, () => assert.match(refusal(text), reason));

  it('moves no other byte, whatever the file looks like', () => {
    fc.assert(
      fc.property(file, fc.constantFrom('1.4.2', '1.10', 'on', 'v2', '20261122'), ({ head, tail, quote }, tag) => {
        const before = `${head}${quote}0.0.1${quote}${tail}`;
        const after = edited(before, { repository, tag });
        assert.ok(after.startsWith(head) && after.endsWith(tail), after);
        const value = after.slice(head.length, after.length - tail.length);
        assert.ok([tag, `"${tag}"`, `'${tag}'`].includes(value), value);
        assert.deepEqual(readImage(after, { repository, tag }), { names: true, spelled: `${repository}:${tag}` });
        assert.equal(editImage(after, { repository, tag }).is, 'already');
      }),
      { numRuns: 1_000 },
    );
  });
});

/** A kustomization, cut where the tag stands. */
const file = fc
  .record({
    mark: fc.constantFrom('', '\uFEFF'),
    eol: fc.constantFrom('\n', '\r\n'),
    before: fc.array(
      fc.constantFrom('# a: comment', 'namePrefix: "ü "', 'a: &x [1, {b: c}]', '', 'k: |', "'q': 'it''s'"),
      {
        maxLength: 4,
      },
    ),
    after: fc.array(fc.constantFrom('# end', '', 'z: 1.10', 'y: "\\u00fc"'), { maxLength: 3 }),
    indent: fc.constantFrom('', '  ', '    '),
    gap: fc.constantFrom('', ' ', '   '),
    comment: fc.constantFrom('', ' # old', '   #'),
    quote: fc.constantFrom('', '"', "'"),
    newline: fc.boolean(),
  })
  .map(({ mark, eol, before, after, indent, gap, comment, quote, newline }) => {
    const head = [
      ...[...new Set(before)],
      'images:',
      `${indent}- name: other`,
      `${indent}  newTag: 0.0.1`,
      `${indent}-${gap} name: ${repository}`,
      `${indent} ${gap} newTag: `,
    ].join(eol);
    const tail = [comment, ...[...new Set(after)]].join(eol);
    return { head: mark + head, tail: newline ? tail + eol : tail, quote };
  });
