import assert from 'node:assert/strict';
import type { ForgeProvider } from '@k8sta/contracts';
import type { ForgeRepository } from '../credentials/access.js';
import { parseAddress } from '../credentials/address.js';
import type { ForgeSetting } from '../credentials/credential.js';
import { giteaPlaces } from './gitea.js';
import { gitHubPlaces } from './github.js';
import { gitLabPlaces } from './gitlab.js';
import { locate } from './location.js';

const places = { github: gitHubPlaces, gitlab: gitLabPlaces, gitea: giteaPlaces };

function located(url: string, setting: ForgeSetting = {}, wished?: ForgeProvider, app?: ForgeRepository['app']) {
  const address = parseAddress(url);
  assert.ok(address);
  const location = locate({ url, address, setting, app }, wished, places);
  return typeof location === 'string' ? location : `${location.provider} ${location.api} ${location.path}`;
}

describe('the API of a repository', () => {
  it('is known for the hosts that are certain, by https and by ssh', () => {
    for (const [url, expected] of [
      ['https://github.com/Acme/Config.git', 'github https://api.github.com Acme/Config'],
      ['git@github.com:acme/config.git', 'github https://api.github.com acme/config'],
      ['ssh://git@ssh.github.com:443/acme/config', 'github https://api.github.com acme/config'],
      ['https://acme.ghe.com/acme/config', 'github https://api.acme.ghe.com acme/config'],
      ['https://gitlab.com/acme/team/config.git', 'gitlab https://gitlab.com/api/v4 acme/team/config'],
      ['ssh://git@altssh.gitlab.com:443/acme/config', 'gitlab https://gitlab.com/api/v4 acme/config'],
      ['https://codeberg.org/acme/config', 'gitea https://codeberg.org/api/v1 acme/config'],
      ['https://gitea.com/acme/config/', 'gitea https://gitea.com/api/v1 acme/config'],
    ] as const) {
      assert.equal(located(url), expected);
    }
  });

  it('is on the host of the repository where a setting names the provider', () => {
    const url = 'https://git.test:8443/acme/config';
    assert.equal(located(url, { provider: 'github' }), 'github https://git.test:8443/api/v3 acme/config');
    assert.equal(located(url, {}, 'gitlab'), 'gitlab https://git.test:8443/api/v4 acme/config');
    assert.equal(located(url, { provider: 'github' }, 'gitea'), 'gitea https://git.test:8443/api/v1 acme/config');
    assert.equal(
      located('ssh://git@git.test:2222/acme/config', { provider: 'gitea' }),
      'gitea https://git.test/api/v1 acme/config',
    );
  });

  it('is where a setting says, and the path of the site is no part of the repository', () => {
    const gitlab = { provider: 'gitlab', api: 'https://git.test/gitlab/api/v4' } as const;
    assert.equal(located('https://git.test/gitlab/acme/config', gitlab), `gitlab ${gitlab.api} acme/config`);
    assert.equal(located('git@git.test:acme/config', gitlab), `gitlab ${gitlab.api} acme/config`);
  });

  it('is that of the GitHub App', () => {
    const app = { appId: '1', installationId: '2', privateKey: '', api: 'https://ghe.test/api/v3' };
    assert.equal(
      located('https://ghe.test/acme/config', {}, undefined, app),
      'github https://ghe.test/api/v3 acme/config',
    );
  });

  it('is not guessed, and the sentence says what to set', () => {
    assert.match(
      located('https://github.com.test/acme/config'),
      /not known whether github\.com\.test is github, gitlab/,
    );
    assert.match(located('https://github.com/acme'), /must be an owner and a repository/);
    assert.match(located('https://github.com/a/b/c'), /a\/b\/c must be an owner and a repository/);
  });

  it('has the name of the repository in its path, whatever is in the name', () => {
    assert.equal(located('https://github.com/acme/100%'), 'github https://api.github.com acme/100%');
    assert.equal(located('https://github.com/acme/my%20config'), 'github https://api.github.com acme/my config');
    for (const url of ['https://github.com/acme%2f..', 'git@github.com:../user', 'git@github.com:acme/%2e%2e']) {
      assert.match(located(url), /must be an owner and a repository/, url);
    }
  });
});
