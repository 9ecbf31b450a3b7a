import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { join } from 'node:path';
import { inspect } from 'node:util';
import {
  type Certificate,
  createCertificate,
  type GitServer,
  startGitServer,
  type TemporaryDirectory,
  temporaryDirectory,
  until,
} from '@k8sta/sandbox';
import { assertPromotes, contents, Promoter } from './access.fixture.js';

describe('a repository by https', () => {
  let directory: TemporaryDirectory;
  let certificate: Certificate;
  let other: Certificate;
  let server: GitServer;
  let caFile: string;
  let promoter: Promoter;
  let count = 0;

  const createRepository = (of = server) => of.createRepository(`acme/config-${++count}`, contents);
  const login = () => ({ url: server.url, username: server.user, password: server.password });

  before(async () => {
    directory = await temporaryDirectory('https');
    certificate = await createCertificate(directory.path, 'git');
    other = await createCertificate(directory.path, 'other');
    server = await startGitServer({ certificate });
    caFile = join(directory.path, 'ca.crt');
    await writeFile(caFile, await readFile(certificate.certFile));
    promoter = await Promoter.start({ caFile });
  });
  beforeEach(() => promoter.secrets.put('acme', login()));
  after(async () => {
    await promoter.stop();
    await server.stop();
    await directory.remove();
  });

  it('is cloned and pushed to with a user name and a password', async () => {
    await assertPromotes(promoter, await createRepository());
  });

  it('is reached with the next password after a rotation, and no message has a password', async () => {
    const repository = await createRepository();
    await promoter.secrets.put('acme', { ...login(), password: 'hunter2' });
    const said = await promoter.failure(repository.url);
    assert.match(said, /: the Git server did not accept the credentials; check K8STA_GIT_CREDENTIALS$/);
    assert.doesNotMatch(said, /hunter2/);
    await promoter.secrets.put('acme', login());
    await assertPromotes(promoter, repository);
  });

  it('is reached with a bearer token', async () => {
    const headers: (string | undefined)[] = [];
    server.intercept((request) => {
      headers.push(request.headers.authorization);
      return { status: 403 };
    });
    await promoter.secrets.put('acme', { url: server.url, bearerToken: 'hunter2' });
    assert.match(await promoter.failure((await createRepository()).url), /answered 403/);
    server.intercept(undefined);
    // A push that is refused is followed by a fetch: the files may need no commit.
    assert.deepEqual(headers, ['Bearer hunter2', 'Bearer hunter2']);
  });

  it('is not reached with a broken Secret, whose file the message names', async () => {
    const { url } = await createRepository();
    await promoter.secrets.put('acme', { ...login(), pasword: 'hunter2' });
    assert.match(
      await promoter.failure(url),
      /the credentials cannot be used: K8STA_GIT_CREDENTIALS: acme\/pasword: is not a key of Argo CD's Secrets/,
    );
    await promoter.secrets.put('acme', { password: 'hunter2' });
    assert.match(
      await promoter.failure(url),
      / has none for it; K8STA_GIT_CREDENTIALS has faults: acme\/url: is missing$/,
    );
  });

  it('is trusted by the bundle of certificate authorities as it is now', async () => {
    const repository = await createRepository();
    await assertPromotes(promoter, repository);
    await writeFile(caFile, await readFile(other.certFile));
    // A worker keeps the authorities that it has read; the next one reads the new ones.
    await promoter.failure(repository.url).catch(() => 'a job that ran in the old worker');
    await until(async () => /K8STA_GIT_CA_FILE/.test(await promoter.failure(repository.url).catch(() => '')));
    await writeFile(caFile, (await readFile(other.certFile, 'utf8')) + (await readFile(certificate.certFile, 'utf8')));
    await assertPromotes(promoter, repository);
    await writeFile(caFile, 'hunter2');
    assert.match(await promoter.failure(repository.url), /K8STA_GIT_CA_FILE: \S+ has no certificate that can be read/);
    await writeFile(caFile, await readFile(certificate.certFile));
  });

  describe('through a proxy', () => {
    let proxy: Server;
    let url: string;
    let targets: string[];

    before(async () => {
      proxy = createServer().on('connect', (request, socket, head) => {
        if (request.headers['proxy-authorization'] !== `Basic ${Buffer.from('me:hunter2').toString('base64')}`) {
          const refusal = 'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="proxy"';
          socket.end(`${refusal}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
          return;
        }
        targets.push(request.url ?? '');
        const [, port] = (request.url ?? '').split(':');
        const upstream = connect(Number(port), '127.0.0.1', () => {
          socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
          upstream.write(head);
          socket.pipe(upstream).pipe(socket);
        });
        for (const each of [socket, upstream]) each.on('error', () => each.destroy());
      });
      await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
      url = `http://me:hunter2@127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    });
    beforeEach(() => {
      targets = [];
    });
    after(() => proxy.close());

    it('is cloned and pushed to', async () => {
      await promoter.secrets.put('acme', { ...login(), proxy: url });
      await assertPromotes(promoter, await createRepository());
      assert.ok(targets.length > 0);
      for (const target of targets) assert.match(target, /^localhost:\d+$/);
    });

    it('is cloned and pushed to if only the environment names the proxy', async () => {
      const proxied = await Promoter.start({ caFile, environment: { https_proxy: url, no_proxy: '' } });
      await proxied.secrets.put('acme', login());
      await assertPromotes(proxied, await createRepository());
      assert.ok(targets.length > 0);
      await proxied.stop();
    });

    it('fails without the password of a proxy that refuses it or does not resolve, wherever it is named', async () => {
      const { port } = new URL(url);
      for (const [address, says] of [
        [`http://me:swordfish@127.0.0.1:${port}`, /the proxy does not let us through; check the key proxy/],
        ['http://me:swordfish@proxy.invalid:3128', /proxy\.invalid/],
      ] as const) {
        const proxied = await Promoter.start({ caFile, environment: { https_proxy: address, no_proxy: '' } });
        for (const secret of [login(), { ...login(), proxy: address }]) {
          await proxied.secrets.put('acme', secret);
          const said = await proxied.failure((await createRepository()).url);
          assert.match(said, says);
          assert.doesNotMatch(said, /swordfish|bWU6c3dvcmRmaXNo/);
        }
        await proxied.stop();
      }
    });

    it('is not started with an address in the environment that libgit2 would quote', async () => {
      const faults = ['http://me:swordfish@', 'me:swordfish@127.0.0.1:1', 'http://me:sword%fish@127.0.0.1:1'];
      for (const https_proxy of faults) {
        await assert.rejects(Promoter.start({ environment: { https_proxy } }), (error: Error) => {
          assert.match(error.message, /https_proxy: must (be an http|have %)/);
          return !inspect(error).includes('fish');
        });
      }
    });

    it('is not reached through it if it is an exception', async () => {
      await promoter.secrets.put('acme', { ...login(), proxy: url, noProxy: 'git.test, localhost' });
      await assertPromotes(promoter, await createRepository());
      assert.deepEqual(targets, []);
    });

    it('fails with a message that names the proxy and not its password', async () => {
      await promoter.secrets.put('acme', { ...login(), proxy: 'http://me:hunter2@127.0.0.1:1' });
      const said = await promoter.failure((await createRepository()).url);
      assert.match(said, /127\.0\.0\.1/);
      assert.doesNotMatch(said, /hunter2/);
    });
  });
});
