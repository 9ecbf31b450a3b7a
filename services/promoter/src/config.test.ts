import assert from 'node:assert/strict';
import { ConfigError, loadConfig } from '@k8sta/runtime';
import { options } from './config.js';

describe('config', () => {
  it('requires only the directory of the mirrors', () => {
    const config = loadConfig(options, { K8STA_MIRRORS: '/mirrors' });
    assert.deepEqual(
      [config.mirrors, config.authorName, config.authorEmail, config.repositories, config.credentials],
      ['/mirrors', 'K8sTA', 'k8sta@localhost', undefined, undefined],
    );
  });

  it('normalises the addresses of repositories', () => {
    const env = { K8STA_MIRRORS: '/m', K8STA_GIT_REPOSITORIES: 'https://GitHub.com/acme/a.git, git@gitlab.com:acme/b' };
    assert.deepEqual(loadConfig(options, env).repositories, ['github.com/acme/a', 'gitlab.com/acme/b']);
  });

  it('lists all faults', () => {
    const env = {
      K8STA_GIT_REPOSITORIES: '/etc,file:///x',
      K8STA_GIT_AUTHOR_NAME: 'a<b',
      K8STA_GIT_AUTHOR_EMAIL: ' ',
      K8STA_GIT_STALL_MS: '1',
    };
    assert.throws(
      () => loadConfig(options, env),
      (error: Error) => {
        assert.ok(error instanceof ConfigError);
        const named = error.faults.map((fault) => fault.split(/[: ]/)[0]);
        assert.deepEqual(named, [
          'K8STA_MIRRORS',
          'K8STA_GIT_REPOSITORIES',
          'K8STA_GIT_REPOSITORIES',
          'K8STA_GIT_AUTHOR_NAME',
          'K8STA_GIT_AUTHOR_EMAIL',
          'K8STA_GIT_STALL_MS',
        ]);
        return true;
      },
    );
  });
});
