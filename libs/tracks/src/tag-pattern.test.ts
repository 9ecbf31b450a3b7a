import assert from 'node:assert/strict';
import { RE2JS } from 're2js';
import { formatFault } from './fault.js';
import { parseTracks } from './parse.js';
import { largestProgram, longestPattern, patternFault } from './tag-pattern.js';
import { refusalOf } from './tag-rule.js';

function faultsOf(pattern: string): string[] {
  const text = `tracks:
- name: web
  images: [{repository: acme/web, tags: {pattern: ${JSON.stringify(pattern)}}}]
  stations: [{name: dev, applications: [web]}]`;
  const parsed = parseTracks([{ path: 'f', text }]);
  return 'faults' in parsed ? parsed.faults.map(formatFault) : [];
}

describe('the pattern of a tag rule', () => {
  it('accepts the patterns that people write', () => {
    for (const pattern of [
      '^main-[0-9a-f]{40}$',
      '^release-\\d{4}-\\d{2}-\\d{2}(-rc\\.\\d+)?$',
      '^(a+)+$',
      '.*'.repeat(100),
    ]) {
      assert.deepEqual(faultsOf(pattern), [], pattern);
    }
  });

  it('is refused with line and column if it is too long to compile quickly', () => {
    assert.deepEqual(faultsOf('a'.repeat(longestPattern)), []);
    assert.deepEqual(faultsOf('(\\pL{900})|'.repeat(75)), ['f:3:51: "pattern" must have at most 200 characters']);
  });

  it('is refused with line and column if it is short but compiles to a large program', () => {
    for (const pattern of ['(x{1000})(y{1000})', '((a{0,30}){0,30})x', '\\pL{900}'.repeat(20), '(a|b|c|d|.){1000}']) {
      assert.ok(pattern.length <= longestPattern);
      assert.ok(RE2JS.compile(pattern).programSize() > largestProgram);
      const [fault = ''] = faultsOf(pattern);
      assert.match(
        fault,
        /^f:3:51: "pattern" is too complex: it compiles to \d+ instructions, and at most 1000 are /,
        pattern,
      );
    }
  });

  it('is read for "ignore" as one or as a list, with line and column if one is wrong', () => {
    const read = (tags: string) => {
      const text = `tracks:\n- name: web\n  images: [{repository: acme/web, tags: ${tags}}]\n  stations: [{name: dev, applications: [web]}]`;
      const parsed = parseTracks([{ path: 'f', text }]);
      return 'faults' in parsed ? parsed.faults.map(formatFault) : parsed.tracks[0]?.images[0]?.tags;
    };
    const debug = { pattern: '-debug$' };
    assert.deepEqual(read('{ignore: -debug$}'), { is: 'strictSemver', ignore: [debug] });
    const both = '{semver: ">=1.0.0", ignore: [-debug$, -rc]}';
    assert.deepEqual(read(both), { is: 'semver', range: '>=1.0.0', ignore: [debug, { pattern: '-rc' }] });
    assert.match(String(read('{ignore: "(?=a)"}')), /^f:3:50: "ignore" must be an RE2 expression: /);
    assert.match(
      String(read('{pattern: a, ignore: [b, "("]}')),
      /^f:3:66: an item of "ignore" must be an RE2 expression: /,
    );
    assert.deepEqual(read('{ignore: 7}'), ['f:3:50: "ignore" must be text, not a number; put it in quotes']);
    assert.deepEqual(read('{ignore: []}'), ['f:3:50: "ignore" must not be empty']);
    const eleven = JSON.stringify(Array.from({ length: 11 }, () => 'a'));
    assert.match(String(read(`{ignore: ${eleven}}`)), /^f:3:50: "ignore" must have at most 10 entries/);
    assert.deepEqual(read('{}'), ['f:3:41: "tags" must contain either "semver" or "pattern"']);
  });

  it('is refused with an explanation if it is not an RE2 expression', () => {
    assert.match(patternFault('(?=a)') ?? '', /^must be an RE2 expression: /);
    assert.match(patternFault('(a{1001})') ?? '', /^must be an RE2 expression: /);
  });

  it('is compiled once for any number of tags', () => {
    const { compile } = RE2JS;
    let compilations = 0;
    RE2JS.compile = (...args) => {
      compilations++;
      return compile.apply(RE2JS, args);
    };
    try {
      const rule = { is: 'pattern', pattern: '^main-' } as const;
      for (let tag = 0; tag < 100; tag++) assert.equal(refusalOf(rule, `main-${tag}`), undefined);
      assert.equal(compilations, 1);
    } finally {
      RE2JS.compile = compile;
    }
  });
});
