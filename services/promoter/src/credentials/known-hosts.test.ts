import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { hostKeysOf } from './known-hosts.js';

const hashed = (name: string) => {
  const salt = Buffer.from('sixteen bytes ok');
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
};

describe('known_hosts', () => {
  const keys = (text: string, host = 'git.test', port = 22) => {
    const found = hostKeysOf(text, host, port);
    return typeof found === 'string' ? found : found.map(({ type, key }) => `${type} ${key}`);
  };

  it('has any number of keys for a host', () => {
    const text = '# comment\n\ngit.test ssh-ed25519 AAA= comment\r\nother.test ssh-rsa BBB\nx,git.test ssh-rsa CCC\n';
    assert.deepEqual(keys(text), ['ssh-ed25519 AAA=', 'ssh-rsa CCC']);
    assert.equal(keys(text, 'third.test'), 'it has no key of third.test');
  });

  it('has hashed hosts, patterns and exceptions', () => {
    assert.deepEqual(keys(`${hashed('git.test')} ssh-rsa AAA`), ['ssh-rsa AAA']);
    assert.equal(keys(`${hashed('other.test')} ssh-rsa AAA`), 'it has no key of git.test');
    assert.deepEqual(keys('*.test ssh-rsa AAA'), ['ssh-rsa AAA']);
    assert.deepEqual(keys('g?t.* ssh-rsa AAA'), ['ssh-rsa AAA']);
    assert.equal(keys('!git.test,*.test ssh-rsa AAA'), 'it has no key of git.test');
    assert.equal(keys(`${'*'.repeat(300)} ssh-rsa AAA`), 'it has no key of git.test');
  });

  it('keeps ports apart', () => {
    const text = `git.test ssh-rsa AAA\n[git.test]:2222 ssh-rsa BBB\n${hashed('[git.test]:2223')} ssh-rsa CCC`;
    assert.deepEqual(keys(text), ['ssh-rsa AAA']);
    assert.deepEqual(keys(text, 'git.test', 2222), ['ssh-rsa BBB']);
    assert.deepEqual(keys(text, 'git.test', 2223), ['ssh-rsa CCC']);
    assert.equal(keys(text, 'git.test', 2224), 'it has no key of [git.test]:2224');
  });

  it('never has a revoked key', () => {
    const text = 'git.test ssh-rsa AAA\ngit.test ssh-ed25519 BBB\n@revoked * ssh-rsa AAA';
    assert.deepEqual(keys(text), ['ssh-ed25519 BBB']);
    assert.equal(keys('git.test ssh-rsa AAA\n@revoked * ssh-rsa AAA'), 'every key of git.test is @revoked');
  });

  it('says which lines cannot be used', () => {
    assert.match(String(keys('@cert-authority *.test ssh-rsa AAA')), /^it knows git.test only by @cert-authority/);
    assert.match(
      String(keys('git.test sk-ssh-ed25519@openssh.com AAA')),
      /cannot check \(sk-ssh-ed25519@openssh.com\)/,
    );
    assert.equal(keys('git.test ssh-rsa\ngit.test ssh-rsa !!!'), 'it has no key of git.test');
  });
});
