import assert from 'node:assert/strict';
import { covers, parseAddress, withUser } from './address.js';

describe('the address of a repository', () => {
  const doesCover = (prefix: string, address: string) => {
    const [one, other] = [parseAddress(prefix), parseAddress(address)];
    assert.ok(one && other, `${prefix} and ${address}`);
    return covers(one, other);
  };

  it('reads https, ssh and the spelling of scp', () => {
    const ssh = { scheme: 'ssh', host: 'github.com', port: 22, user: 'git', segments: ['acme', 'config'] };
    assert.deepEqual(parseAddress('git@GitHub.com:Acme/config.git'), ssh);
    assert.deepEqual(parseAddress('ssh://git@github.com/acme/config'), ssh);
    assert.deepEqual(parseAddress('ssh://git@github.com:22/acme/config.git/'), ssh);
    assert.deepEqual(parseAddress('ssh://[::1]:2222/x'), {
      ...{ scheme: 'ssh', host: '::1', port: 2222, user: undefined, segments: ['x'] },
    });
    assert.equal(parseAddress('https://git.test:8443')?.port, 8443);
    assert.equal(parseAddress('ssh://100%@git.test/x')?.user, '100%');
    for (const text of ['', 'github.com/acme', '/srv/git', 'file:///srv/git', 'ext::sh -c x', 'git@github.com']) {
      assert.equal(parseAddress(text), undefined, text);
    }
  });

  it('is covered by a prefix of whole path segments, in any case', () => {
    assert.ok(doesCover('https://github.com/acme', 'https://GitHub.com/Acme/x.git'));
    assert.ok(doesCover('https://github.com/acme/config.git', 'https://github.com/acme/config'));
    assert.ok(!doesCover('https://github.com/acme/config', 'https://github.com/acme/config-two'));
    assert.ok(!doesCover('https://github.com/acme', 'https://github.com/acmecorp/x'));
  });

  it('is covered by the other spelling of an ssh address', () => {
    assert.ok(doesCover('git@github.com:acme', 'ssh://git@github.com/acme/x'));
    assert.ok(doesCover('ssh://github.com/', 'git@github.com:acme/x'));
    assert.ok(!doesCover('ssh://deploy@github.com/', 'git@github.com:acme/x'));
    assert.ok(!doesCover('git@github.com:acme', 'ssh://git@github.com:2222/acme/x'));
  });

  it('is never covered by another scheme, host or port', () => {
    for (const address of [
      'http://github.com/acme/x',
      'https://github.com:8443/acme/x',
      'https://github.com.evil.example/acme/x',
      'https://github.com@evil.example/acme/x',
      'ssh://git@github.com/acme/x',
      'git@github.com:acme/x',
    ]) {
      assert.ok(!doesCover('https://github.com/acme', address), address);
    }
  });

  it('is given a user name for ssh', () => {
    assert.equal(withUser('ssh://host:22/x', 'git'), 'ssh://git@host:22/x');
    assert.equal(withUser('ssh://other@host/x', 'git'), 'ssh://git@host/x');
    assert.equal(withUser('host:x', 'git'), 'git@host:x');
    assert.equal(withUser('git@host:x', 'git'), 'git@host:x');
  });
});
