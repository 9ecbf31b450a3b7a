import assert from 'node:assert/strict';
import { branchRef, normaliseGitUrl, withoutCredentials } from './repository.js';

describe('repository', () => {
  for (const address of [
    'https://github.com/acme/deploy',
    'https://github.com/acme/deploy.git',
    'https://github.com/acme/deploy/',
    'https://user:secret@GitHub.com/Acme/Deploy.git/',
    'https://github.com:443/acme/deploy',
    'git@github.com:acme/deploy.git',
    'ssh://git@github.com/acme/deploy.git',
    'ssh://git@github.com:22/acme/deploy',
  ]) {
    it(`reads ${address} as github.com/acme/deploy`, () =>
      assert.equal(normaliseGitUrl(address), 'github.com/acme/deploy'));
  }

  it('keeps a port that is not the default', () => {
    assert.equal(normaliseGitUrl('http://127.0.0.1:3000/deploy.git'), '127.0.0.1:3000/deploy');
  });

  it('removes slashes at the end, and takes time in proportion to those in the middle', () => {
    assert.equal(normaliseGitUrl('https://git.test/acme/deploy///'), 'git.test/acme/deploy');
    const start = performance.now();
    normaliseGitUrl(`https://git.test/${'/'.repeat(60_000)}a`);
    normaliseGitUrl(`https://git.test/a${'/'.repeat(60_000)}a`);
    assert.ok(performance.now() - start < 3_000);
  });

  it('refuses text that is not the address of a remote repository, without repeating a secret', () => {
    for (const text of [
      '',
      '/srv/git/deploy',
      'file:///srv/git',
      'https://user:secret@',
      'ext::sh -c x',
      'https://github.com',
      'git@github.com:acme/../other/deploy',
      'git@github.com:acme/..',
    ]) {
      assert.throws(
        () => normaliseGitUrl(text),
        (error: Error) => error instanceof RangeError && !error.message.includes('secret'),
        text,
      );
    }
  });

  it('shows an address without its credentials', () => {
    assert.equal(withoutCredentials('https://user:p@ss@host/x'), 'https://host/x');
    assert.equal(withoutCredentials('https://host/x'), 'https://host/x');
  });

  it('shows no credentials of an address that is written wrongly, or that is not of a Git repository', () => {
    for (const [address, shown] of [
      [' https://user:secret@host/x', ' https://host/x'],
      ['https:/user:secret@host/x', 'https:/host/x'],
      ['https://user:sec/ret@host/x', 'https://host/x'],
      ['ssh://git:sec/ret@host/x', 'ssh://git@host/x'],
      ['s3://key:secret@bucket/charts', 's3://bucket/charts'],
    ] as const) {
      assert.equal(withoutCredentials(address), shown);
    }
    for (const address of ['https://host:8443/@scope/x', 'https://[::1]:8443/@scope/x', 'https://host/a@b']) {
      assert.equal(withoutCredentials(address), address);
    }
  });

  it('keeps the user name of an ssh address, and no password', () => {
    assert.equal(withoutCredentials('ssh://deploy@host:2222/x'), 'ssh://deploy@host:2222/x');
    assert.equal(withoutCredentials('ssh://deploy:p@ss@host/x'), 'ssh://deploy@host/x');
    assert.equal(withoutCredentials('git@host:x'), 'git@host:x');
    assert.equal(withoutCredentials('git:pass@host:x'), 'git@host:x');
  });

  it('returns the full ref name of a branch', () => {
    assert.equal(branchRef('HEAD'), undefined);
    assert.equal(branchRef(''), undefined);
    assert.equal(branchRef(undefined), undefined);
    for (const text of ['main', 'heads/main', 'refs/heads/main']) assert.equal(branchRef(text), 'refs/heads/main');
  });
});
