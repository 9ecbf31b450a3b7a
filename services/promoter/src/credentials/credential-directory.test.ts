import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAddress } from './address.js';
import { credentialFor, faultsOf, readCredentials } from './credential-directory.js';
import { MountedSecrets } from './secrets.fixture.js';

describe('the directory of credentials', () => {
  let secrets: MountedSecrets;

  beforeEach(async () => {
    secrets = await MountedSecrets.create();
  });
  afterEach(() => secrets.remove());

  async function chosen(url: string): Promise<string | undefined> {
    const address = parseAddress(url);
    assert.ok(address);
    return credentialFor(await readCredentials(secrets.path), address)?.folder;
  }

  it('applies the Secret with the longest prefix', async () => {
    await secrets.put('host', { url: 'https://github.com', password: 'x' });
    await secrets.put('acme', { url: 'https://github.com/acme/', password: 'x' });
    await secrets.put('config', { url: 'https://github.com/acme/config.git', password: 'x' });
    assert.equal(await chosen('https://github.com/other/x'), 'host');
    assert.equal(await chosen('https://GitHub.com/Acme/x.git'), 'acme');
    assert.equal(await chosen('https://github.com/acme/config'), 'config');
    assert.equal(await chosen('https://gitlab.com/acme/config'), undefined);
  });

  it('uses no shorter prefix in place of a broken Secret', async () => {
    await secrets.put('host', { url: 'https://github.com', password: 'x' });
    await secrets.put('acme', { url: 'https://github.com/acme/', pasword: 'x' });
    assert.equal(await chosen('https://github.com/acme/x'), 'acme');
    assert.equal(await chosen('https://github.com/other/x'), 'host');
  });

  it('lists all faults', async () => {
    await secrets.put('one', { url: 'https://github.com/acme', password: 'hunter2' });
    await secrets.put('two', { url: 'https://GitHub.com/acme.git', password: 'hunter2' });
    await secrets.put('three', { password: 'hunter2' });
    await writeFile(join(secrets.path, 'password'), 'hunter2');
    const faults = faultsOf(await readCredentials(secrets.path));
    assert.deepEqual(faults, [
      'K8STA_GIT_CREDENTIALS: password: is a file; each Secret is a folder with a file for each key',
      'K8STA_GIT_CREDENTIALS: three/url: is missing',
      'K8STA_GIT_CREDENTIALS: one/url: one and two are for the same address',
      'K8STA_GIT_CREDENTIALS: two/url: one and two are for the same address',
    ]);
    await assert.rejects(readCredentials('/nonexistent'), /\/nonexistent cannot be read: it does not exist/);
  });

  it('reads the files of one version while the kubelet replaces them', async () => {
    const version = (count: number) => ({ url: `https://git.test/${count}`, password: `${count}` });
    await secrets.put('acme', version(0));
    const writing = (async () => {
      for (let count = 1; count <= 50; count++) await secrets.put('acme', version(count));
    })();
    let isOver = false;
    void writing.then(() => {
      isOver = true;
    });
    while (!isOver) {
      const { credentials } = await readCredentials(secrets.path);
      const [only] = credentials;
      assert.ok(only && 'proof' in only && only.proof.is === 'password', JSON.stringify(credentials));
      assert.deepEqual(only.prefix.segments, [only.proof.password]);
    }
  });
});
