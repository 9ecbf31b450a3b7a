import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  createSshKey,
  type GitServer,
  startGitServer,
  type TemporaryDirectory,
  temporaryDirectory,
} from '@k8sta/sandbox';
import { generateKey } from 'openpgp';
import { contents, Promoter } from './access.fixture.js';

const run = promisify(execFile);
const author = 'k8sta@localhost';

describe('a signed commit', () => {
  let server: GitServer;
  let directory: TemporaryDirectory;
  let keyFile: string;
  let passphraseFile: string;
  let promoter: Promoter;
  let count = 0;

  before(async () => {
    server = await startGitServer();
    directory = await temporaryDirectory('signing');
    keyFile = join(directory.path, 'key');
    passphraseFile = join(directory.path, 'passphrase');
    await writeFile(passphraseFile, 'correct horse\n');
    await useSshKey('ed25519');
    const message = { template: 'Ünïcode {{ tag }}\n\nfrom {{ oldTag }}' };
    promoter = await Promoter.start({ signingKeyFile: keyFile, signingPassphraseFile: passphraseFile, message });
    await promoter.secrets.put('acme', { url: server.url, username: server.user, password: server.password });
  });
  after(async () => {
    await promoter.stop();
    await server.stop();
    await directory.remove();
  });

  /** Installs the key for the promoter, and returns the line of git's allowed signers file. */
  async function useSshKey(...[type, passphrase, format]: Parameters<typeof createSshKey>): Promise<string> {
    const { privateKey, publicKey } = await createSshKey(type, passphrase, format);
    await writeFile(keyFile, privateKey);
    return `${author} ${publicKey}\n`;
  }

  async function promote(): Promise<{ commit: string; directory: string }> {
    const repository = await server.createRepository(`acme/config-${++count}`, contents);
    return { commit: await promoter.promote(repository.url), directory: repository.directory };
  }

  async function verifySsh(signers: string): Promise<string> {
    const { commit, directory: cwd } = await promote();
    const allowed = join(directory.path, 'allowed_signers');
    await writeFile(allowed, signers);
    const { stderr } = await run('git', ['-c', `gpg.ssh.allowedSignersFile=${allowed}`, 'verify-commit', commit], {
      cwd,
    });
    return stderr;
  }

  for (const type of ['ed25519', 'ecdsa', 'rsa'] as const) {
    it(`is accepted by git verify-commit with an ${type} ssh key`, async () => {
      assert.match(await verifySsh(await useSshKey(type)), new RegExp(`^Good "git" signature for ${author} with`));
    });
  }

  it('is signed with the next key after a rotation, which has a passphrase', async () => {
    const before = await useSshKey('ed25519');
    const next = await useSshKey('ed25519', 'correct horse');
    await assert.rejects(verifySsh(before));
    assert.match(await verifySsh(next), /^Good "git" signature/);
  });

  it('has the message of the template, and the trailers', async () => {
    await useSshKey('ed25519');
    const { commit, directory: cwd } = await promote();
    const { stdout } = await run('git', ['log', '-1', '--format=%B', commit], { cwd });
    assert.match(stdout, /^Ünïcode 1\.5\.\d+\n\nfrom 1\.4\.1\n\nK8sTA-Ticket: ticket\nK8sTA-Track: storefront\n/);
  });

  it('is not made, and nothing is pushed, while the key cannot be used', async () => {
    const repository = await server.createRepository(`acme/config-${++count}`, contents);
    const before = await repository.tip();
    await useSshKey('ed25519', 'hunter2');
    const said = await promoter.failure(repository.url);
    assert.match(said, /K8STA_GIT_SIGNING_KEY_FILE: \S+ cannot be decrypted with K8STA_GIT_SIGNING_PASSPHRASE_FILE$/);
    await writeFile(keyFile, 'hunter2');
    assert.match(await promoter.failure(repository.url), /K8STA_GIT_SIGNING_KEY_FILE: \S+ is not a private key/);
    const { privateKey } = await generateKey({
      userIDs: [{ name: 'K8sTA', email: author }],
      ...{ date: new Date(Date.now() - 60_000), keyExpirationTime: 1 },
    });
    await writeFile(keyFile, privateKey);
    assert.match(await promoter.failure(repository.url), /K8STA_GIT_SIGNING_KEY_FILE: \S+ cannot sign: .*expired/);
    assert.equal(await repository.tip(), before);
  });

  for (const passphrase of ['', 'correct horse']) {
    it(`is accepted by git verify-commit with an OpenPGP key ${passphrase ? 'with' : 'without'} a passphrase`, async function () {
      const gpg = await run('gpg', ['--version']).catch(() => undefined);
      if (!gpg) this.skip();
      const { privateKey, publicKey } = await generateKey({
        userIDs: [{ name: 'K8sTA', email: author }],
        date: new Date(Date.now() - 60_000),
        ...(passphrase && { passphrase }),
      });
      await writeFile(keyFile, privateKey);
      const { commit, directory: cwd } = await promote();
      const home = await temporaryDirectory('gnupg');
      const env = { ...process.env, GNUPGHOME: home.path };
      const key = join(home.path, 'key.asc');
      await writeFile(key, publicKey);
      await run('gpg', ['--batch', '--quiet', '--import', key], { env });
      const { stderr } = await run('git', ['verify-commit', commit], { cwd, env });
      assert.match(stderr, /Good signature from "K8sTA <k8sta@localhost>"/);
      await run('gpgconf', ['--kill', 'all'], { env });
      await home.remove();
    });
  }
});
