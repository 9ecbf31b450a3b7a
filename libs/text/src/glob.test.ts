import assert from 'node:assert/strict';
import { globMatcher } from './glob.js';

describe('globMatcher', () => {
  for (const [glob, matched, others] of [
    ['env/*.yaml', ['env/dev.yaml', 'env/.yaml', 'env/.dev.yaml'], ['env/eu/dev.yaml', 'env/dev.yml', 'xenv/dev.yaml']],
    ['env/**/*.yaml', ['env/dev.yaml', 'env/a/.b/c.yaml'], ['dev.yaml', 'env/a/b.json']],
    ['**/dev.yaml', ['dev.yaml', 'a/b/dev.yaml'], ['a/xdev.yaml']],
    ['env/**', ['env/dev.yaml', 'env/a/b.json'], ['envs/dev.yaml']],
    ['.*.yaml', ['.dev.yaml'], ['dev.yaml']],
    ['**', ['a', 'a/b'], []],
    ['?.yaml', ['a.yaml'], ['ab.yaml', '/.yaml']],
    ['[a-c].yaml', ['b.yaml'], ['d.yaml', '[a-c].yam']],
    ['[!a-c].yaml', ['d.yaml'], ['b.yaml']],
    ['{dev,{stage,prod}*}.yaml', ['dev.yaml', 'prod-eu.yaml'], ['dev-eu.yaml', 'prod/eu.yaml']],
    ['a(1)|*.yaml', ['a(1)|b.yaml'], ['a1b.yaml', 'a(1)']],
    ['(a+)+*', ['(a+)+b'], ['aab']],
    ['!a*', ['!ab'], ['b']],
    ['a\\*b*', ['a*bc'], ['axb']],
    ['\\d\\\\d?', ['d\\d1'], ['1\\d1']],
    ['\\(?', ['(a'], ['a']],
    ['', [], ['a']],
    ['[z-a]', [], ['b']],
    ['x'.repeat(70_000), [], ['x'.repeat(70_000)]],
  ] as const) {
    it(`matches ${glob.slice(0, 40) || 'nothing for an empty text'}`, () => {
      const matches = globMatcher(glob);
      assert.deepEqual(matched.filter(matches), matched);
      assert.deepEqual(others.filter(matches), []);
    });
  }

  it('lets * match slashes where it is told to', () => {
    const matches = globMatcher('*.{yaml,json}', { crossesSlash: true });
    assert.deepEqual(['a.yaml', 'a/.b/c.json', 'a.yml'].map(matches), [true, true, false]);
  });

  it('takes linear time for many wildcards', () => {
    const names = Array.from({ length: 1_000 }, (_, at) => `${'a'.repeat(240)}${at}.yaml`);
    for (const crossesSlash of [true, false]) {
      const matches = globMatcher(`${'*a'.repeat(50)}*b.yaml`, { crossesSlash });
      assert.deepEqual(names.filter(matches), []);
    }
  });
});
