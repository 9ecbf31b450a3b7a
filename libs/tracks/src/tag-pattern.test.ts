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
