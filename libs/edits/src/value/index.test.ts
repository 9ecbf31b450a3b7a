import assert from 'node:assert/strict';
import type { KeyPath } from '@k8sta/contracts';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { value } from './index.js';

const digest = `sha256:${'a'.repeat(64)}`;
const image = { repository: 'ghcr.io/acme/shop', tag: '2.0.0' };
const pinned = { ...image, digest };
const tagAt = (...path: KeyPath) => ({ kind: 'value' as const, path, holds: 'tag' as const });
const referenceAt = (...path: KeyPath) => ({ kind: 'value' as const, path, holds: 'reference' as const });
const digestAt = (...path: KeyPath) => ({ kind: 'value' as const, path, holds: 'digest' as const });

function edited(text: string, target: Parameters<typeof value.edit>[2], wanted: typeof image = image): string {
  const edit = value.edit(text, wanted, target);
  return edit.is === 'edited' ? edit.text : edit.is === 'refused' ? `refused: ${edit.message}` : edit.is;
}

describe('an edit of a value', () => {
  it('changes the characters of the value, and keeps its quotes', () => {
    for (const [before, after] of [
      ['image:\n  tag: 1.0.0 # now\n', 'image:\n  tag: 2.0.0 # now\n'],
      ["image: {tag: '1.0.0', a: b}", "image: {tag: '2.0.0', a: b}"],
      ['image:\r\n  tag: "1.0.0"\r\n', 'image:\r\n  tag: "2.0.0"\r\n'],
      ['image:\n  tag: &tag 1.0.0\nother: *tag\n', 'image:\n  tag: &tag 2.0.0\nother: *tag\n'],
      ['now: &tag 1.0.0\nimage:\n  tag: *tag\n', 'now: &tag 2.0.0\nimage:\n  tag: *tag\n'],
      ['image:\n  tag:\n', 'image:\n  tag: 2.0.0\n'],
      [`image:\n  tag: 1.0.0@${digest}\n`, 'image:\n  tag: 2.0.0\n'],
    ] as const) {
      assert.equal(edited(before, tagAt('image', 'tag')), after);
    }
    assert.equal(edited('t: 1.0.0', tagAt('t'), { ...image, tag: '2.10' }), 't: "2.10"');
    assert.equal(edited('t: 2.10', tagAt('t'), { ...image, tag: '2.10' }), 't: "2.10"', 'YAML reads 2.1');
    assert.equal(edited('t: "2.0.0"', tagAt('t')), 'unchanged');
  });

  it('moves a pin along with a digest that is known, and removes it without one', () => {
    const text = `image:\n  tag: 1.0.0\n  digest: sha256:${'b'.repeat(64)}\n`;
    assert.equal(edited(text, digestAt('image', 'digest'), pinned), `image:\n  tag: 1.0.0\n  digest: ${digest}\n`);
    assert.equal(edited(text, digestAt('image', 'digest')), 'image:\n  tag: 1.0.0\n');
    assert.equal(edited('image: {digest: "sha256:b"}', digestAt('image', 'digest')), 'image: {digest: ""}');
    assert.equal(edited('image: {tag: a}', digestAt('image', 'digest')), 'unchanged', 'none is added');
    const whole = `image: ghcr.io/acme/shop:1.0.0@sha256:${'b'.repeat(64)}`;
    assert.equal(edited(whole, referenceAt('image'), pinned), `image: ghcr.io/acme/shop:2.0.0@${digest}`);
    assert.equal(edited(whole, referenceAt('image')), 'image: ghcr.io/acme/shop:2.0.0');
  });

  it('inserts a key behind that of the repository, or else behind the last one', () => {
    for (const [before, after] of [
      ['image:\n  repository: a\n  pullPolicy: b\n', 'image:\n  repository: a\n  tag: 2.0.0\n  pullPolicy: b\n'],
      ['image:\n    pullPolicy: b\n# end', 'image:\n    pullPolicy: b\n    tag: 2.0.0\n# end'],
      ['image: {repository: a, b: c}', 'image: {repository: a, tag: 2.0.0, b: c}'],
      ['image: {}\n', 'image: {tag: 2.0.0}\n'],
      ['image:\nb: c\n', 'image:\n  tag: 2.0.0\nb: c\n'],
      ['a:\n   b: c\n', 'a:\n   b: c\nimage:\n   tag: 2.0.0\n'],
      ['a: b', 'a: b\nimage:\n  tag: 2.0.0'],
      ['a: b\r\n', 'a: b\r\nimage:\r\n  tag: 2.0.0\r\n'],
      ['# nothing yet\n', '# nothing yet\nimage:\n  tag: 2.0.0\n'],
      ['', 'image:\n  tag: 2.0.0\n'],
      ['\uFEFFa:\n   b: c\n', '\uFEFFa:\n   b: c\nimage:\n   tag: 2.0.0\n'],
      ['\uFEFFimage:\nb: c\n', '\uFEFFimage:\n  tag: 2.0.0\nb: c\n'],
      ['{"image": {"repository": "a"}}', '{"image": {"repository": "a", "tag": "2.0.0"}}'],
    ] as const) {
      assert.equal(edited(before, tagAt('image', 'tag')), after);
    }
    assert.equal(edited('a: b\nc:\n- d\n', tagAt('tag')), 'a: b\nc:\n- d\ntag: 2.0.0\n');
  });

  it('gives a value to a key that has only a comment', () => {
    for (const [before, after] of [
      ['image:\n  tag: # none\n', 'image:\n  tag: 2.0.0 # none\n'],
      ['image:\r\n  tag:  # none\r\n  a: b\r\n', 'image:\r\n  tag: 2.0.0  # none\r\n  a: b\r\n'],
    ] as const) {
      assert.equal(edited(before, tagAt('image', 'tag')), after);
    }
  });

  it('refuses what it cannot edit, and says where', () => {
    for (const [text, message] of [
      ['image: [a]', /has something else than a mapping on the way to image.tag \(line 1, column 8\)/],
      ['image: text', /something else than a mapping/],
      ['a: &a {b: c}\nimage: *a', /has an alias on the way to image.tag/],
      ['image:\n  tag: {a: b}', /has a list or a mapping at image.tag/],
      ['image:\n  tag: |\n    1.0.0\n', /a block of text cannot be edited/],
      ['image: [', /is not valid YAML/],
      ['a: b\n---\nc: d', /several YAML documents/],
    ] as const) {
      assert.match(edited(text, tagAt('image', 'tag')), message, text);
    }
    assert.match(edited('containers: []', tagAt('containers', 0, 'tag')), /refused/);
  });

  it('sets the value in any file, leaves every other value, and keeps every line', () => {
    const key = fc.stringMatching(/^[a-z][a-zA-Z0-9_-]{0,8}$/);
    const scalar = fc.oneof(fc.string({ maxLength: 20 }), fc.integer(), fc.boolean());
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        scalar,
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(
        fc.dictionary(key, tree, { maxKeys: 5 }),
        fc.array(key, { minLength: 1, maxLength: 3 }),
        fc.record({ indent: fc.constantFrom(2, 4), flow: fc.boolean(), crlf: fc.boolean(), chopped: fc.boolean() }),
        (values, path, { indent, flow, crlf, chopped }) => {
          let text = stringify(values, { indent, lineWidth: 0, ...(flow && { collectionStyle: 'flow' as const }) });
          if (crlf) text = text.replaceAll('\n', '\r\n');
          if (chopped) text = text.trimEnd();
          const edit = value.edit(text, image, tagAt(...path));
          if (edit.is !== 'edited') return;
          const wanted = structuredClone(parse(text) ?? {}) as Record<string, unknown>;
          const last = path.slice(0, -1).reduce((inner, each) => {
            inner[each] ??= {};
            return inner[each] as Record<string, unknown>;
          }, wanted);
          last[path.at(-1) ?? ''] = '2.0.0';
          assert.deepEqual(parse(edit.text), wanted);
          if (edit.before === undefined && !flow) {
            const lines = edit.text.split(/\r?\n/);
            const kept = text.split(/\r?\n/).filter((line) => !/(^|: )(\{\}|""|'')?$/.test(line));
            let at = 0;
            for (const line of lines) if (line === kept[at]) at++;
            assert.equal(at, kept.length, `a line is gone:\n${text}\n---\n${edit.text}`);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
