import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import {
  createSshKey,
  type Repository,
  type SshGitServer,
  startSshGitServer,
  type TemporaryDirectory,
  temporaryDirectory,
} from '@k8sta/sandbox';
import { assertPromotes, contents, Promoter } from './access.fixture.js';

describe('a repository by ssh', () => {
  let server: SshGitServer;
  let directory: TemporaryDirectory;
  let knownHosts: string;
  let promoter: Promoter;
  let repository: Repository;
  let count = 0;

  before(async () => {
    server = await startSshGitServer({ hostKeys: ['ed25519', 'ecdsa', 'rsa'] });
    directory = await temporaryDirectory('known-hosts');
    knownHosts = join(directory.path, 'known_hosts');
    await writeFile(knownHosts, await server.knownHosts());
    promoter = await Promoter.start({ knownHosts });
  });
  beforeEach(async () => {
    repository = await server.createRepository(`acme/config-${++count}`, contents);
    await writeFile(knownHosts, await server.knownHosts());
  });
  after(async () => {
    await promoter.stop();
    await server.stop();
    await directory.remove();
  });

  async function useKey(...[type, passphrase, format]: Parameters<typeof createSshKey>): Promise<void> {
    const { privateKey, publicKey } = await createSshKey(type, passphrase, format);
    await server.authorize(publicKey);
    await promoter.secrets.put('acme', {
      url: server.url,
      sshPrivateKey: privateKey,
      ...(passphrase && { sshPrivateKeyPassphrase: passphrase }),
    });
  }

  for (const type of ['ed25519', 'ecdsa', 'rsa'] as const) {
    it(`is cloned and pushed to with an ${type} key`, async () => {
      await useKey(type);
      await assertPromotes(promoter, repository);
    });

    it(`is cloned and pushed to with an ${type} key that has a passphrase`, async () => {
      await useKey(type, 'correct horse');
      await assertPromotes(promoter, repository);
    });

    it(`is trusted by the server's ${type} host key alone`, async () => {
      await useKey('ed25519');
      const lines = (await server.knownHosts()).split('\n').filter((line) => line.includes(type));
      assert.equal(lines.length, 1);
      await writeFile(knownHosts, `${lines[0]}\n`);
      await assertPromotes(promoter, repository);
    });
  }

  it('is cloned and pushed to with a key in PEM', async () => {
    await useKey('rsa', 'correct horse', 'PEM');
    await assertPromotes(promoter, repository);
  });

  it('is found by an address without a user name, which is git or the one of the Secret', async () => {
    await useKey('ed25519');
    await assertPromotes(promoter, repository, repository.url.replace(/\/\/[^@]*@/, '//'));
  });

  it('is reached with the next key after a rotation', async () => {
    await useKey('ed25519');
    await assertPromotes(promoter, repository);
    const { privateKey, publicKey } = await createSshKey('ecdsa');
    await server.authorize(publicKey);
    const said = await promoter.failure(repository.url);
    assert.match(said, /config-\d+: the Git server did not accept the ssh key; check K8STA_GIT_CREDENTIALS$/);
    await promoter.secrets.put('acme', { url: server.url, sshPrivateKey: privateKey });
    await assertPromotes(promoter, repository);
  });

  it('is refused when its host key is not the known one, until the file has the new one', async () => {
    await useKey('ed25519');
    await assertPromotes(promoter, repository);
    await server.changeHostKeys('ed25519');
    const before = await repository.tip();
    assert.match(
      await promoter.failure(repository.url),
      /the host key of the server is not one that K8STA_GIT_KNOWN_HOSTS has for it; correct the file if/,
    );
    assert.equal(await repository.tip(), before);
    await writeFile(knownHosts, await server.knownHosts());
    await assertPromotes(promoter, repository);
  });

  it('is refused when its host is not known, or its key is revoked', async () => {
    await useKey('ed25519');
    const known = await server.knownHosts();
    await writeFile(knownHosts, known.replaceAll(`:${server.port}`, ':1'));
    assert.match(await promoter.failure(repository.url), /K8STA_GIT_KNOWN_HOSTS: it has no key of \[127\.0\.0\.1\]:/);
    await writeFile(knownHosts, known + known.replaceAll(/^/gm, '@revoked ').replaceAll('@revoked \n', ''));
    assert.match(await promoter.failure(repository.url), /every key of \[127\.0\.0\.1\]:\d+ is @revoked/);
  });

  it('is refused when the server has no host key of a known type, and the message says so', async () => {
    await useKey('ed25519');
    await server.changeHostKeys('ed25519');
    const [, ecdsa] = (await createSshKey('ecdsa')).publicKey.split(' ');
    await writeFile(knownHosts, `[127.0.0.1]:${server.port} ecdsa-sha2-nistp256 ${ecdsa}\n`);
    const said = await promoter.failure(repository.url);
    assert.match(said, /the server has no host key of a type that K8STA_GIT_KNOWN_HOSTS has for it/);
  });

  it('is not found, and the message has the words of the server', async () => {
    await useKey('ed25519');
    const said = await promoter.failure(`${server.url}/acme/missing.git`);
    assert.match(said, /^127\.0\.0\.1:\d+\/acme\/missing: .*does not appear to be a git repository/);
  });

  it('is refused without known_hosts and without a key', async () => {
    await useKey('ed25519');
    const trusting = await Promoter.start();
    assert.match(await trusting.failure(repository.url), /there is no ssh key for ssh:/);
    const { privateKey } = await createSshKey('ed25519');
    await trusting.secrets.put('acme', { url: server.url, sshPrivateKey: privateKey });
    assert.match(
      await trusting.failure(repository.url),
      /K8STA_GIT_KNOWN_HOSTS: is not set, and 127\.0\.0\.1 is reached/,
    );
    await trusting.stop();
  });

  it('is given up when its server accepts the connection and says nothing', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const url = `ssh://git@127.0.0.1:${port}`;
    await writeFile(knownHosts, (await server.knownHosts()).replaceAll(`:${server.port}`, `:${port}`));
    const impatient = await Promoter.start({ knownHosts, firstByteMs: 1_000 });
    const { privateKey } = await createSshKey('ed25519');
    await impatient.secrets.put('acme', { url, sshPrivateKey: privateKey });
    assert.match(await impatient.failure(`${url}/acme/config`), /: the remote did not answer for 1000 ms$/);
    await impatient.stop();
    silent.close();
  });

  it('is cloned and pushed to by an address in the spelling of scp', async function () {
    // This spelling has no port: it needs port 22, on an address that is not in use.
    const usual = await startSshGitServer({ address: '127.0.0.22', port: 22 }).catch(() => undefined);
    if (!usual) this.skip();
    const { privateKey, publicKey } = await createSshKey('ed25519');
    await usual.authorize(publicKey);
    await writeFile(knownHosts, await usual.knownHosts());
    await promoter.secrets.put('scp', { url: `${usual.user}@127.0.0.22:acme`, sshPrivateKey: privateKey });
    const { name } = await usual.createRepository('acme/scp', contents);
    const made = await promoter.promote(`${usual.user}@127.0.0.22:${name}.git`);
    assert.match(made, /^[0-9a-f]{40}$/);
    await promoter.secrets.delete('scp');
    await usual.stop();
  });

  it('is reached by no proxy, and the message says so', async () => {
    const { privateKey } = await createSshKey('ed25519');
    await promoter.secrets.put('acme', { url: server.url, sshPrivateKey: privateKey, proxy: 'http://127.0.0.1:1' });
    assert.match(await promoter.failure(repository.url), /acme\/proxy: libgit2 has no proxy for ssh$/);
  });
});
