import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type TemporaryDirectory, temporaryDirectory, until } from '@k8sta/sandbox';

const lock = new URL('./setup/lock.mjs', import.meta.url).href;

/** Holds the lock until the file `go` exists, and records when it begins and ends. */
const holder = `
  import { appendFileSync, existsSync } from 'node:fs';
  import { withLock } from ${JSON.stringify(lock)};
  const note = (what) => appendFileSync('notes', what + ' ' + process.pid + '\\n');
  await withLock({ file: 'setup.lock', say: (line) => console.log(line), everyMs: 5, lifeSignMs: 20 }, async () => {
    note('begin');
    while (!existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 5));
    note('end');
  });
`;

describe('two set-ups at once', () => {
  let directory: TemporaryDirectory;
  const running: ChildProcess[] = [];
  const path = (name: string) => join(directory.path, name);
  const notes = async () => (await readFile(path('notes'), 'utf8').catch(() => '')).trim().split('\n').filter(Boolean);

  const start = () => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', holder], {
      cwd: directory.path,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    running.push(child);
    const said: string[] = [];
    child.stdout.setEncoding('utf8').on('data', (text: string) => said.push(...text.trimEnd().split('\n')));
    return { pid: child.pid, said, child, ended: once(child, 'close').then(([code]) => code) };
  };

  beforeEach(async () => {
    directory = await temporaryDirectory('lock');
  });
  afterEach(async () => {
    for (const child of running.splice(0)) child.kill('SIGKILL');
    await directory.remove();
  });

  it('the second waits for the first, and prints a message', async () => {
    const first = start();
    await until(async () => (await notes()).length === 1);
    const second = start();
    await until(() => second.said.some((line) => line.startsWith('  still waiting after ')));
    assert.equal(second.said[0], `process ${first.pid} is setting up this checkout; waiting for it`);
    assert.deepEqual(await notes(), [`begin ${first.pid}`]);
    await writeFile(path('go'), '');
    assert.deepEqual([await first.ended, await second.ended], [0, 0]);
    const order = [`begin ${first.pid}`, `end ${first.pid}`, `begin ${second.pid}`, `end ${second.pid}`];
    assert.deepEqual(await notes(), order);
    assert.deepEqual((await readdir(directory.path)).sort(), ['go', 'notes'], 'no lock is left behind');
  });

  it('the second takes over from a first that was killed', async () => {
    const first = start();
    await until(async () => (await notes()).length === 1);
    const second = start();
    await until(() => second.said.length > 0);
    first.child.kill('SIGKILL');
    await until(async () => (await notes()).length === 2);
    assert.equal(second.said.at(-1), `taking over from process ${first.pid}, which is gone`);
  });

  it('a lock from before a restart does not block, even if another process has its process id now', async () => {
    await writeFile(path('setup.lock'), `${process.pid} ${hostname()}\n`);
    const twoMinutesAgo = Date.now() / 1000 - 120;
    await utimes(path('setup.lock'), twoMinutesAgo, twoMinutesAgo);
    await writeFile(path('go'), '');
    assert.equal(await start().ended, 0);
  });

  it('many processes that find an abandoned lock take it one at a time', async () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    await writeFile(path('setup.lock'), `${pid} ${hostname()}\n`);
    await writeFile(path('go'), '');
    const all = Array.from({ length: 6 }, start);
    for (const { ended } of all) assert.equal(await ended, 0);
    const noted = await notes();
    assert.equal(noted.length, 12);
    for (let at = 0; at < noted.length; at += 2) {
      assert.equal(noted[at]?.replace('begin', 'end'), noted[at + 1], noted.join('\n'));
    }
    assert.equal(existsSync(path('setup.lock')), false);
  });
});
