import assert from 'node:assert/strict';
import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAddress } from './address.js';
import type { Reading } from './credential.js';
import { CredentialDirectory, credentialFor, faultsOf } from './credential-directory.js';
import { MountedSecrets } from './secrets.fixture.js';

describe('the directory of credentials', () => {
  let secrets: MountedSecrets;
  let directory: CredentialDirectory;
  let now: number;

  beforeEach(async () => {
    secrets = await MountedSecrets.create();
    now = Date.now();
    directory = new CredentialDirectory(secrets.path, () => now);
  });
  afterEach(() => secrets.remove());

  async function chosen(url: string): Promise<string | undefined> {
    const address = parseAddress(url);
    assert.ok(address);
    return credentialFor(await directory.read(), address)?.folder;
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
    const faults = faultsOf(await directory.read());
    assert.deepEqual(faults, [
      'K8STA_GIT_CREDENTIALS: password: is a file; each Secret is a folder with a file for each key',
      'K8STA_GIT_CREDENTIALS: three/url: is missing',
      'K8STA_GIT_CREDENTIALS: one/url: one and two are for the same address',
      'K8STA_GIT_CREDENTIALS: two/url: one and two are for the same address',
    ]);
    await assert.rejects(
      new CredentialDirectory('/nonexistent', Date.now).read(),
      /\/nonexistent cannot be read: it does not exist/,
    );
  });

  it('does not parse a Secret again that has not changed', async () => {
    await secrets.put('acme', { url: 'https://git.test/acme', password: 'x' });
    await secrets.put('other', { url: 'https://git.test/other', password: 'x' });
    now += 10_000;
    const before = await directory.read();
    assert.deepEqual(await sameAs(before), [true, true]);
    await secrets.put('other', { url: 'https://git.test/other', password: 'y' });
    assert.deepEqual(await sameAs(before), [true, false]);
  });

  it('does not trust the time of a file that has changed just now', async () => {
    await secrets.put('acme', { url: 'https://git.test/acme', password: 'x' });
    assert.deepEqual(await sameAs(await directory.read()), [false]);
  });

  it('sees a file that was written over, even with the same length and the same time', async () => {
    await secrets.put('acme', { url: 'https://git.test/acme', password: 'x' });
    const password = join(secrets.path, 'acme', 'password');
    await utimes(password, 1_000, 1_000);
    now += 10_000;
    const before = await directory.read();
    await writeFile(password, 'y');
    await utimes(password, 1_000, 1_000);
    const after = await directory.read();
    assert.deepEqual([before, after].map(passwordOf), ['x', 'y']);
  });

  /** Whether each credential is the same object as in an earlier reading. */
  async function sameAs(earlier: Reading): Promise<boolean[]> {
    const { credentials } = await directory.read();
    return credentials.map((each, at) => each === earlier.credentials[at]);
  }

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
      const { credentials } = await directory.read();
      const [only] = credentials;
      assert.ok(only && 'proof' in only && only.proof.is === 'password', JSON.stringify(credentials));
      assert.deepEqual(only.prefix.segments, [only.proof.password]);
    }
  });
});

function passwordOf({ credentials: [only] }: Reading): string {
  assert.ok(only && 'proof' in only && only.proof.is === 'password');
  return only.proof.password;
}
