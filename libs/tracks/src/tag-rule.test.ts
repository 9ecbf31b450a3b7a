import assert from 'node:assert/strict';
import { refusalOf, type TagRule } from './tag-rule.js';

const strict: TagRule = { is: 'strictSemver' };
const semver = (range: string): TagRule => ({ is: 'semver', range });
const pattern = (expression: string): TagRule => ({ is: 'pattern', pattern: expression });

function check(rule: TagRule, { ride, stay }: { ride: string[]; stay: string[] }) {
  for (const tag of ride) assert.equal(refusalOf(rule, tag), undefined, `${tag} rides`);
  for (const tag of stay) assert.ok(refusalOf(rule, tag), `${tag} does not ride`);
}

describe('a tag rule', () => {
  it('accepts only releases in strict semver by default', () => {
    const stay = ['latest', '1', '1.2', 'v1', '1.2.3.4', '01.2.3', '1.2.3-rc.1', 'V1.2.3', 'release-1.2.3', ''];
    check(strict, { ride: ['1.2.3', 'v1.2.3', '0.0.1'], stay });
  });

  it('never accepts a short numeric Git hash as a version', () => {
    check(strict, { ride: [], stay: ['1234567', '0000000', '12345e7'] });
    check(semver('*'), { ride: ['1.0.0'], stay: ['1234567', '7'] });
  });

  it('accepts versions in the range', () => {
    check(semver('>=1.0.0 <2.0.0'), { ride: ['1.0.0', 'v1.9.9'], stay: ['0.9.9', '2.0.0', 'latest', '1.5'] });
    check(semver('^1.2.3 || 3.x'), { ride: ['1.3.0', '3.9.0'], stay: ['1.2.2', '2.0.0'] });
  });

  it('accepts pre-releases only if the range names one', () => {
    check(semver('>=1.0.0'), { ride: ['1.1.0'], stay: ['1.1.0-rc.1'] });
    check(semver('>=1.0.0-0'), { ride: ['1.1.0-rc.1', '1.0.0-alpha', '1.1.0'], stay: ['0.9.0-rc.1'] });
    check(semver('^1.2.3-rc.1'), { ride: ['1.2.3-rc.2', '1.3.0-rc.1'], stay: ['2.0.0-rc.1', '1.2.3-beta'] });
    check(semver('1.0.0 - 2.0.0'), { ride: ['1.5.0'], stay: ['1.5.0-rc.1'] });
  });

  it('anchors a pattern as it is written', () => {
    check(pattern('^main-[0-9a-f]{7}$'), { ride: ['main-0123abc'], stay: ['main-0123abcd', 'xmain-0123abc'] });
    check(pattern('main'), { ride: ['xmainx', 'main'], stay: ['latest'] });
    check(pattern('^latest$'), { ride: ['latest'], stay: ['latest-1'] });
  });

  it('takes linear time for a pattern that takes a backtracking engine exponential time', () => {
    check(pattern('^(a+)+$'), { ride: ['a'.repeat(100)], stay: [`${'a'.repeat(100)}!`] });
  });

  it('never accepts a signature, an attestation or an SBOM', () => {
    const stay = ['sha256-0123.sig', 'sha256-0123.att', 'v1.0.0.sbom', 'X.SIG'];
    for (const rule of [strict, semver('*'), pattern('.')]) check(rule, { ride: [], stay });
    check(pattern('.'), { ride: ['design', 'sig', 'sha256-0123'], stay: [] });
    check(pattern('.'), { ride: [], stay: [`sha256-${'0a'.repeat(32)}`, `sha512-${'0a'.repeat(64)}`] });
  });

  it('accepts no tag in which a pattern of "ignore" finds a match', () => {
    const ignore = [{ pattern: '-debug$' }, { pattern: '^v0\\.' }];
    check({ ...pattern('.'), ignore }, { ride: ['main', 'debug', '1.0.0-debugger'], stay: ['main-debug', 'v0.1.0'] });
    check({ ...semver('>=1.0.0-0'), ignore }, { ride: ['1.0.0-rc.1'], stay: ['1.0.0-debug'] });
    check({ ...strict, ignore }, { ride: ['v1.0.0'], stay: ['v0.9.0', 'latest'] });
    assert.equal(refusalOf({ ...strict, ignore }, 'v0.9.0'), 'is ignored by "^v0\\."');
  });
});
