import assert from 'node:assert/strict';
import { parseSecrets } from '../senders/secret-lines.js';
import { notAllowed } from './limits.js';
import { reporters } from './reporters.js';

const secret = 'a-secret-of-enough-characters';
const trust = { issuer: 'https://gitlab.com', audience: 'k8sta', claims: { project_path: 'acme/app' } };

function parse(name: string, ...lines: unknown[]) {
  const { proof, readLine } = reporters.find((each) => each.name === name) ?? assert.fail(name);
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
  return parseSecrets(text, proof, name, readLine);
}

describe('the files of those who report checks', () => {
  it('hold plain secrets, and secrets that may report only some checks', () => {
    const limited = { secret: `${secret}-2`, tracks: ['storefront'], checks: ['smoke'] };
    assert.deepEqual(parse('generic', secret, limited), {
      faults: [],
      secrets: [
        { name: 'generic:1', value: secret },
        { name: 'generic:2', value: `${secret}-2`, limits: { tracks: ['storefront'], checks: ['smoke'] } },
      ],
    });
  });

  it('hold trusted tokens with and without limits', () => {
    const { secrets, faults } = parse('generic-oidc', trust, { ...trust, checks: ['smoke'] });
    assert.deepEqual(faults, []);
    assert.deepEqual(
      secrets.map(({ value, limits }) => [JSON.parse(value), limits?.checks]),
      [
        [trust, undefined],
        [trust, ['smoke']],
      ],
    );
  });

  for (const [what, name, line, fault] of [
    ['an empty claim', 'generic-oidc', { ...trust, claims: { project_path: '' } }, /must not be empty/],
    ['no claim', 'generic-oidc', { ...trust, claims: {} }, /any token of the issuer would be accepted/],
    ['a claim that names nobody', 'generic-oidc', { ...trust, claims: { ref: 'main' } }, /whom the token is about/],
    ['an empty limit', 'generic-oidc', { ...trust, checks: [] }, /^line 1 checks: /],
    ['an unknown key', 'generic-oidc', { ...trust, check: ['smoke'] }, /"check"/],
    ['an empty limit of a secret', 'generic', { secret, tracks: [] }, /tracks: /],
    ['an unknown key of a secret', 'generic', { secret, track: ['storefront'] }, /"track"/],
    ['a limit that is no name', 'generic', { secret, checks: ['Smoke Test'] }, /checks\.0: must be a DNS label/],
    ['a short secret', 'generic', { secret: 'short' }, /fewer than 16 characters/],
    ['half an object', 'generic', `{"secret": "${secret}"`, /must be a JSON object/],
  ] as const) {
    it(`refuse ${what}, and do not repeat the secret`, () => {
      const { secrets, faults } = parse(name, line);
      assert.deepEqual(secrets, []);
      assert.match(faults.join(), fault);
      assert.ok(!faults.join().includes(secret));
    });
  }
});

describe('the limits of a secret', () => {
  it('allow the Tracks and checks that they name, and everything if they name none', () => {
    const report = { track: 'storefront', name: 'smoke' };
    assert.equal(notAllowed({}, report), undefined);
    assert.equal(notAllowed({ tracks: ['storefront'], checks: ['load', 'smoke'] }, report), undefined);
    assert.match(notAllowed({ tracks: ['billing'] }, report) ?? '', /the Track "storefront"/);
    assert.match(notAllowed({ checks: ['load'] }, report) ?? '', /the check "smoke"/);
  });
});
