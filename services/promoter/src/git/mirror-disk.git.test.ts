import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Repository, until } from '@k8sta/sandbox';
import { directoryOf } from './mirror-directory.js';
import { MirrorDisk } from './mirror-disk.js';
import { PoolStage } from './pool.fixture.js';

const megabyte = 1_000_000;

describe('the disk of the mirrors', () => {
  let stage: PoolStage;
  let disk: MirrorDisk;
  let logged: [string, object][];

  before(async () => {
    stage = await PoolStage.start();
  });
  beforeEach(async () => {
    await stage.reset();
    logged = [];
  });
  afterEach(() => stage.close());
  after(() => stage.stop());

  function start(maxBytes: number): void {
    const note = (fields: object, message: string) => void logged.push([message, fields]);
    const log = { debug: note, info: note, warn: note, error: note };
    const pool = stage.open({ limit: 2, onUse: (mirror) => disk.used(mirror) });
    const release = (mirror: string) => pool.releaseMirror(mirror);
    disk = new MirrorDisk({ directory: stage.directory.path, maxBytes, release, log });
  }

  /** A repository whose mirror needs a bit more than a megabyte. */
  const repository = () => stage.repository({ big: randomBytes(megabyte).toString('base64') });

  const mirrorOf = (name: string) => join(stage.directory.path, directoryOf(name));
  const kept = (...names: string[]) => names.map((name) => existsSync(mirrorOf(name)));
  const messages = () => logged.map(([message]) => message);
  const plan = async (at: Repository) => (await stage.plan(at)).is;

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
    stage.server.intercept(({ repository: name }) => {
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
    const mirrors = ['older', 'newer', '.removed-half'].map((name) => join(stage.directory.path, name));
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
