import assert from 'node:assert/strict';
import { oidcToken } from '../senders/proof.js';
import { mismatch, parseTrust, type Trust } from './trust.js';

const trusted = { issuer: 'https://gitlab.com', audience: 'k8sta', claims: { project_path: 'acme/app' } };

function trustOf(change: object, proof = oidcToken()): Trust {
  const read = parseTrust(JSON.stringify({ ...trusted, ...change }), proof);
  assert.ok(!('fault' in read), JSON.stringify(read));
  return read;
}

function faultOf(change: object | string): string {
  const text = typeof change === 'string' ? change : JSON.stringify({ ...trusted, ...change });
  const read = parseTrust(text, oidcToken());
  assert.ok('fault' in read, JSON.stringify(read));
  return read.fault;
}

describe('parseTrust', () => {
  it('refuses what would accept the tokens of strangers', () => {
    assert.match(faultOf({ claims: {} }), /^claims: must not be empty: any token of the issuer/);
    for (const empty of ['', ' ', '*', '**', ' * ', [], [''], ['acme/app', '*']]) {
      faultOf({ claims: { project_path: empty } });
      faultOf({ claims: { project_path: 'acme/app', ref: empty } });
    }
    const anybodys = [
      { ref: 'refs/heads/main' },
      { repository: '*/app' },
      { repository: 'ac*/app' },
      { repository: ['acme/app', '*/app'] },
      { repository_owner: 'acme*' },
      { sub: 'repo:*' },
      { sub: 'repo:*/app:ref:refs/heads/main' },
      { email: '*@example.com' },
    ];
    for (const claims of anybodys) assert.match(faultOf({ claims }), /must constrain whom/, JSON.stringify(claims));
    for (const audience of ['', undefined, 1, ['k8sta']]) assert.match(faultOf({ audience }), /^audience: /);
    for (const issuer of ['http://gitlab.com', 'ftp://x', 'http://127.0.0.1.example.com']) {
      assert.equal(faultOf({ issuer }), 'issuer: must begin with "https://"');
    }
    assert.match(faultOf({ issuer: undefined }), /^issuer: must be the address of the issuer/);
    assert.match(faultOf({ audiences: 'k8sta' }), /audiences/);
    for (const text of ['', 'a-secret-of-enough-characters', '[]', 'null', '1']) faultOf(text);
    assert.doesNotMatch(faultOf('{"a-secret": '), /a-secret/);
  });

  it('takes the issuer of the sender, the spellings of its tokens, and its demands', () => {
    const google = oidcToken({
      issuer: 'https://accounts.google.com',
      aliases: ['accounts.google.com'],
      demands: { email_verified: 'true' },
    });
    const claims = { email: 'push@acme.iam.gserviceaccount.com', email_verified: 'false' };
    assert.deepEqual(trustOf({ issuer: undefined, claims }, google), {
      issuer: 'https://accounts.google.com',
      issuers: ['https://accounts.google.com', 'accounts.google.com'],
      audience: 'k8sta',
      claims: { email: ['push@acme.iam.gserviceaccount.com'], email_verified: ['true'] },
    });
    assert.deepEqual(trustOf({}, google).issuers, ['https://gitlab.com']);
  });
});

describe('mismatch', () => {
  const accepts = (patterns: string | string[], value: unknown) =>
    mismatch(trustOf({ claims: { project_path: 'acme/app', it: patterns } }), {
      project_path: 'acme/app',
      it: value,
    }) === undefined;

  it('lets "*" stand for any text without a "/"', () => {
    assert.ok(accepts('refs/tags/v*', 'refs/tags/v1.4.2'));
    assert.ok(accepts('refs/tags/v*', 'refs/tags/v'));
    assert.ok(accepts('acme/*', 'acme/app'));
    assert.ok(accepts('repo:acme/*:ref:refs/heads/*', 'repo:acme/app:ref:refs/heads/main'));
    assert.ok(accepts('a*b*c', 'abbc'));
    for (const [pattern, value] of [
      ['refs/tags/v*', 'refs/tags/v1/x'],
      ['acme/*', 'acme/group/app'],
      ['acme/*', 'xacme/app'],
      ['acme/app', 'acme/app2'],
      ['acme/app', 'Acme/app'],
      ['a*a', 'a'],
      ['a*b*c', 'abx'],
      ['a*b*c', 'a/bc'],
      ['a*b*c', 'ab/c'],
      ['repo:acme/*:ref:refs/heads/main', 'repo:acme/app:ref:refs/heads/main2'],
      ['a.c', 'abc'],
    ] as const) {
      assert.ok(!accepts(pattern, value), `${pattern} ${value}`);
    }
  });

  it('takes linear time', () => {
    assert.ok(!accepts(`a${'*a'.repeat(200)}b`, 'a'.repeat(100_000)));
  });

  it('accepts one of several patterns and one of several values, and compares numbers and booleans as text', () => {
    assert.ok(accepts(['main', 'release'], 'release'));
    assert.ok(accepts('main', ['x', 'main']));
    assert.ok(accepts('42', 42));
    assert.ok(accepts('true', true));
    for (const value of [undefined, null, {}, [], [['main']], 'Main']) assert.ok(!accepts('main', value));
  });

  it('names the claim that does not match, and takes none from a prototype', () => {
    assert.equal(mismatch(trustOf({}), { project_path: 'acme/other' }), 'project_path');
    const trust = trustOf({ claims: { sub: 'x', toString: 'function*' } });
    assert.equal(mismatch(trust, { sub: 'x' }), 'toString');
  });
});
