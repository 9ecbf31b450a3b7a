import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type GitServer,
  type Repository,
  startGitServer,
  type TemporaryDirectory,
  temporaryDirectory,
  until,
} from '@k8sta/sandbox';
import { directoryOf } from './mirror-directory.js';
import { MirrorDisk } from './mirror-disk.js';
import { WorkerPool } from './worker-pool.js';

const image = { repository: 'ghcr.io/acme/storefront', tag: '1.4.2' };
const text = `images:\n- name: ${image.repository}\n  newTag: 1.4.1\n`;
const part = {
  ...{ id: 'ticket/dev/1/0', ticket: 'ticket', track: 'storefront', station: 'dev', branch: 'refs/heads/main' },
  applications: [{ namespace: 'argocd', name: 'dev', sources: [{ path: 'dev' }], image }],
  ...{ protectedSources: [], requestedAt: new Date().toISOString() },
};
const author = { name: 'K8sTA', email: 'k8sta@localhost' };
const megabyte = 1_000_000;

describe('the disk of the mirrors', () => {
  let server: GitServer;
  let directory: TemporaryDirectory;
  let pool: WorkerPool;
  let disk: MirrorDisk;
  let logged: [string, object][];
  let count = 0;

  before(async () => {
    server = await startGitServer();
  });
  beforeEach(async () => {
    directory = await temporaryDirectory('disk');
    server.intercept(undefined);
    logged = [];
  });
  afterEach(async () => {
    await pool.close();
    await directory.remove();
  });
  after(() => server.stop());

  function start(maxBytes: number): void {
    const note = (fields: object, message: string) => void logged.push([message, fields]);
    const log = { debug: note, info: note, warn: note, error: note };
    pool = new WorkerPool({
      ...{ directory: directory.path, limit: 2, idleMs: 60_000, firstByteMs: 20_000, stallMs: 20_000 },
      onUse: (mirror) => disk.used(mirror),
    });
    disk = new MirrorDisk({
      directory: directory.path,
      maxBytes,
      release: (mirror) => pool.releaseMirror(mirror),
      log,
    });
  }

  /** A repository whose mirror needs a bit more than a megabyte. */
  function repository(): Promise<Repository> {
    const big = randomBytes(megabyte).toString('base64');
    return server.createRepository(`acme/config-${++count}`, { files: { 'dev/kustomization.yaml': text, big } });
  }

  const mirrorOf = (name: string) => join(directory.path, directoryOf(name));
  const kept = (...names: string[]) => names.map((name) => existsSync(mirrorOf(name)));
  const messages = () => logged.map(([message]) => message);
  const plan = async (at: Repository): Promise<string | undefined> => {
    const remote = { url: at.url, username: server.user, password: server.password };
    const [planned] = await pool.run(at.name, { op: 'plan', remote, parts: [part], author });
    return planned?.is;
  };

  it('removes the mirror that was used the longest time ago, and fetches it again when it is needed', async () => {
    start(1.5 * megabyte);
    const [one, other] = [await repository(), await repository()];
    assert.deepEqual([await plan(one), await plan(other), await plan(one)], ['ready', 'ready', 'ready']);
    await disk.sweep();
    assert.deepEqual(kept(one.name, other.name), [true, false]);
    assert.deepEqual(messages(), ['mirror removed to free disk, it is fetched again when it is needed']);
    assert.equal(await plan(other), 'ready');
    await disk.sweep();
    assert.deepEqual(kept(one.name, other.name), [false, true]);
  });

  it('keeps all mirrors within the limit', async () => {
    start(20 * megabyte);
    const [one, other] = [await repository(), await repository()];
    await plan(one);
    await plan(other);
    await disk.sweep();
    assert.deepEqual(kept(one.name, other.name), [true, true]);
    assert.deepEqual(messages(), []);
  });

  it('keeps a mirror that a job is using, and says so once', async () => {
    start(1);
    const [busy, idle, last] = [await repository(), await repository(), await repository()];
    for (const each of [busy, idle, last]) await plan(each);
    let hanging = 0;
    let release = () => {};
    const released = new Promise<undefined>((resolve) => {
      release = () => resolve(undefined);
    });
    server.intercept(({ repository: name }) => {
      if (name !== busy.name) return undefined;
      hanging++;
      return released;
    });
    const planned = plan(busy);
    await until(() => hanging > 0);
    await disk.sweep();
    await disk.sweep();
    assert.deepEqual(kept(busy.name, idle.name, last.name), [true, false, true]);
    assert.deepEqual(messages(), [
      'mirror removed to free disk, it is fetched again when it is needed',
      'mirrors in use need more disk than allowed',
    ]);
    release();
    assert.equal(await planned, 'ready');
  });

  it('knows the mirrors of earlier runs, and deletes what an earlier run had moved away', async () => {
    start(1.5 * megabyte);
    const mirrors = ['older', 'newer', '.removed-half'].map((name) => join(directory.path, name));
    for (const [at, mirror] of mirrors.entries()) {
      await mkdir(join(mirror, 'objects'), { recursive: true });
      await writeFile(join(mirror, 'objects/one'), Buffer.alloc(megabyte, 1));
      await utimes(mirror, 1_000 + at, 1_000 + at);
    }
    await disk.start();
    await disk.sweep();
    assert.deepEqual(mirrors.map(existsSync), [false, true, false]);
  });
});
