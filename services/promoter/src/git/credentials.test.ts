import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TemporaryDirectory, temporaryDirectory } from '@k8sta/sandbox';
import { type Credential, credentialFor, readCredentials } from './credentials.js';

describe('credentials', () => {
  let directory: TemporaryDirectory;

  before(async () => {
    directory = await temporaryDirectory('credentials');
  });
  after(() => directory.remove());

  async function read(text: string): Promise<Credential[]> {
    const path = join(directory.path, 'credentials.yaml');
    await writeFile(path, text);
    return readCredentials(path);
  }

  it('reads YAML and JSON', async () => {
    const ours = [{ url: 'https://github.com/acme', username: 'git', password: 'secret' }];
    assert.deepEqual(await read('- url: https://github.com/acme\n  token: secret\n'), ours);
    assert.deepEqual(await read('[{"url": "https://github.com/acme", "username": "git", "password": "secret"}]'), ours);
    assert.deepEqual(await read(''), []);
  });

  it('names all faults with their lines, and never a secret', async () => {
    const text = [
      '- url: github.com/acme',
      '  password: hunter2',
      '- url: https://gitlab.com/',
      '  token: hunter2',
      '  pasword: hunter2',
      '- url: https://gitea.com/',
      '  token: hunter2',
      '  password: hunter2',
    ].join('\n');
    await assert.rejects(read(text), (error: Error) => {
      assert.match(error.message, /credentials\.yaml:\n/);
      assert.match(error.message, /line 1: 0\.url: must be the prefix of a repository address/);
      assert.match(error.message, /line 3: 1: .*"pasword"/);
      assert.match(error.message, /line 6: 2: must have either a password or a token/);
      assert.doesNotMatch(error.message, /hunter2/);
      return true;
    });
    await assert.rejects(read('- url: "hunter2'), (error: Error) => !error.message.includes('hunter2'));
    await assert.rejects(
      readCredentials('/nonexistent/file'),
      /\/nonexistent\/file:\n {2}cannot be read: it does not exist/,
    );
  });

  describe('for an address', () => {
    const at = (url: string): Credential => ({ url, username: 'git', password: url });
    const all = ['https://github.com', 'https://github.com/acme', 'https://github.com/acme/config.git'].map(at);
    const chosen = (address: string) => credentialFor(all, address)?.url;

    it('chooses the longest prefix of whole path segments', () => {
      assert.equal(chosen('https://github.com/other/x'), 'https://github.com');
      assert.equal(chosen('https://GitHub.com/Acme/x.git'), 'https://github.com/acme');
      assert.equal(chosen('https://github.com/acme/config'), 'https://github.com/acme/config.git');
      assert.equal(chosen('https://github.com/acme/config-two'), 'https://github.com/acme');
      assert.equal(chosen('https://github.com/acmecorp/x'), 'https://github.com');
    });

    it('never sends a secret to another scheme, host or port', () => {
      for (const address of [
        'http://github.com/acme/x',
        'https://github.com:8443/acme/x',
        'https://github.com.evil.example/acme/x',
        'https://github.com@evil.example/acme/x',
        'ssh://git@github.com/acme/x',
        'git@github.com:acme/x',
      ]) {
        assert.equal(chosen(address), undefined, address);
      }
    });
  });
});
