import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import {
  type GitServer,
  type Repository,
  startGitServer,
  type TemporaryDirectory,
  temporaryDirectory,
  until,
} from '@k8sta/sandbox';
import { RemoteFault } from './git.js';
import { directoryOf } from './mirror-directory.js';
import type { AnswerTo } from './worker/protocol.js';
import { WorkerPool, type WorkerPoolOptions } from './worker-pool.js';

const image = { repository: 'ghcr.io/acme/storefront', tag: '1.4.2' };
const part = {
  id: 'ticket/dev/1/0',
  ticket: 'ticket',
  track: 'storefront',
  station: 'dev',
  branch: 'refs/heads/main',
  applications: [{ namespace: 'argocd', name: 'dev', sources: [{ path: 'dev' }], image }],
  protectedSources: [],
  requestedAt: new Date().toISOString(),
};

const author = { name: 'K8sTA', email: 'k8sta@localhost' };

describe('a worker pool', () => {
  let server: GitServer;
  let directory: TemporaryDirectory;
  let pool: WorkerPool;
  let count = 0;

  before(async () => {
    server = await startGitServer();
  });
  beforeEach(async () => {
    directory = await temporaryDirectory('workers');
    server.intercept(undefined);
  });
  afterEach(async () => {
    await pool.close();
    await directory.remove();
  });
  after(() => server.stop());

  function start(options: Partial<WorkerPoolOptions> = {}): void {
    const defaults = { limit: 32, idleMs: 60_000, firstByteMs: 20_000, stallMs: 20_000 };
    pool = new WorkerPool({ ...defaults, ...options, directory: directory.path });
  }

  function repository(files: Record<string, string> = {}): Promise<Repository> {
    const text = `images:\n- name: ${image.repository}\n  newTag: 1.4.1\n`;
    return server.createRepository(`acme/config-${++count}`, { files: { 'dev/kustomization.yaml': text, ...files } });
  }

  const remoteOf = ({ url }: Repository) => ({ url, username: server.user, password: server.password });
  const plan = async (at: Repository): Promise<AnswerTo<'inspect'>> => {
    const [planned] = await pool.run(at.name, { op: 'plan', remote: remoteOf(at), parts: [part], author });
    assert.ok(planned);
    return planned;
  };

  it('kills the process of a remote that does not answer, and starts another one', async () => {
    start({ firstByteMs: 500 });
    const at = await repository();
    server.intercept(() => 'hang');
    await assert.rejects(plan(at), (error: Error) => {
      assert.ok(error instanceof RemoteFault);
      assert.match(error.message, /did not answer for 500 ms/);
      return true;
    });
    server.intercept(undefined);
    assert.equal((await plan(at)).is, 'ready');
  });

  it('kills the process of a remote that is silent in the middle of a transfer', async () => {
    start({ stallMs: 500 });
    const at = await repository({ big: 'x'.repeat(100_000) });
    server.intercept(({ step }) => (step === 'exchange' ? { stallAfterBytes: 60 } : undefined));
    await assert.rejects(plan(at), /sent nothing more for 500 ms/);
  });

  it('does not blame a remote while a job waits for other jobs of the same repository', async () => {
    start({ firstByteMs: 5_000, stallMs: 3_000 });
    const at = await repository();
    // A slow server: two requests for each fetch, one fetch after the other.
    server.intercept(() => new Promise((resolve) => setTimeout(() => resolve(undefined), 750)));
    const plans = await Promise.all([1, 2, 3, 4, 5, 6].map(() => plan(at)));
    assert.deepEqual(new Set(plans.map(({ is }) => is)), new Set(['ready']));
  });

  it('serves a healthy remote while eleven others hang', async () => {
    start();
    const healthy = await repository();
    const ill = await Promise.all(Array.from({ length: 11 }, () => repository()));
    const names = new Set(ill.map(({ name }) => name));
    let hanging = 0;
    server.intercept((seen) => {
      if (!names.has(seen.repository)) return undefined;
      hanging++;
      return 'hang';
    });
    const stuck = ill.map((each) => plan(each).then(() => assert.fail(), String));
    await until(() => hanging === ill.length, { deadlineMs: 30_000 });
    assert.equal((await plan(healthy)).is, 'ready');
    assert.ok(pool.count < ill.length, `${pool.count} processes`);
    await pool.close();
    await assert.rejects(plan(healthy), /the service shuts down/);
    for (const why of await Promise.all(stuck)) assert.match(why, /RemoteFault: the service shuts down/);
  });

  it('answers a question while a push of the same repository hangs', async () => {
    start();
    const at = await repository();
    const ready = await plan(at);
    assert.ok(ready.is === 'ready');
    let pushing = false;
    server.intercept(({ service, step }) => {
      if (service !== 'git-receive-pack' || step !== 'exchange') return undefined;
      pushing = true;
      return 'hang';
    });
    const author = { name: 'K8sTA', email: 'k8sta@localhost' };
    const job = { op: 'push' as const, remote: remoteOf(at), parts: [part], branch: ready.branch, author };
    const stuck = pool.run(at.name, job).catch(String);
    await until(() => pushing);
    const question = { repository: at.url, commit: ready.tip, revision: ready.tip, image };
    const reply = await pool.run(at.name, { op: 'relation', remote: remoteOf(at), question });
    assert.deepEqual(reply, { relation: 'same' });
    await pool.close();
    await stuck;
  });

  it('looks up an answer while as many remotes hang as its only process has room for', async () => {
    start({ limit: 1 });
    const at = await repository();
    const ready = await plan(at);
    assert.ok(ready.is === 'ready');
    let hanging = 0;
    server.intercept(() => {
      hanging++;
      return 'hang';
    });
    const others = await Promise.all(Array.from({ length: 2 }, () => repository()));
    // Six of the same repository and two of others are all that a process takes.
    const stuck = [...Array.from({ length: 7 }, () => at), ...others, ...others].map((each) =>
      plan(each).catch(String),
    );
    await until(() => hanging === 8, { deadlineMs: 30_000 });
    const question = { repository: at.url, commit: ready.tip, revision: ready.tip, image };
    assert.deepEqual(await pool.run(at.name, { op: 'lookUp', question }), { relation: 'same' });
    const missing = { ...question, revision: 'f'.repeat(40) };
    assert.equal(await pool.run(at.name, { op: 'lookUp', question: missing }), null);
    assert.equal(hanging, 8);
    await pool.close();
    await Promise.all(stuck);
  });

  it('serves the commits and inspections of twelve repositories with three processes, and ends none of them', async () => {
    start({ limit: 3 });
    const all = await Promise.all(Array.from({ length: 12 }, () => repository()));
    const author = { name: 'K8sTA', email: 'k8sta@localhost' };
    const inspect = (at: Repository) => pool.run(at.name, { op: 'inspect', remote: remoteOf(at), part });
    const inspections = all.flatMap((at) => Array.from({ length: 5 }, () => inspect(at)));
    const commits = all.map(async (at) => {
      assert.equal((await plan(at)).is, 'ready');
      const job = { op: 'push' as const, remote: remoteOf(at), parts: [part], branch: part.branch, author };
      return (await pool.run(at.name, job))[0]?.is;
    });
    await Promise.race([commits[0], inspections[0]]);
    const early = await processes();
    assert.deepEqual(new Set(await Promise.all(commits)), new Set(['pushed']));
    const looked = new Set((await Promise.all(inspections)).map(({ is }) => is));
    assert.ok(
      [...looked].every((is) => ['ready', 'landed'].includes(is)),
      [...looked].join(),
    );
    assert.equal(pool.count, 3);
    const late = await processes();
    assert.ok(early.length > 0 && early.every((pid) => late.includes(pid)), `${early} were running, and then ${late}`);
  });

  it('fetches once for many inspections of a branch', async () => {
    start({ limit: 1 });
    const at = await repository();
    let looks = 0;
    server.intercept(({ step, headers }) => {
      if (step === 'advertise' && headers.authorization) looks++;
      return undefined;
    });
    const job = { op: 'inspect' as const, remote: remoteOf(at), part };
    const began = performance.now();
    const plans = await Promise.all(Array.from({ length: 50 }, () => pool.run(at.name, job)));
    assert.deepEqual(new Set(plans.map(({ is }) => is)), new Set(['ready']));
    // A branch is fresh for three seconds, and a loaded machine may need longer than that for fifty plans.
    const most = 2 + Math.floor((performance.now() - began) / 3_000);
    assert.ok(looks <= most, `${looks} fetches, of ${most}`);
  });

  it('runs a commit before inspections that wait, and next to those that run', async () => {
    start({ limit: 1 });
    const [at, ...others] = await Promise.all(Array.from({ length: 6 }, () => repository()));
    assert.ok(at);
    let release = () => {};
    const held = new Promise<undefined>((resolve) => {
      release = () => resolve(undefined);
    });
    server.intercept(({ repository: name }) => (name === at.name ? undefined : held));
    let answered = 0;
    const inspections = [...others, ...others, ...others].map(async (each) => {
      await pool.run(each.name, { op: 'inspect', remote: remoteOf(each), part });
      answered++;
    });
    assert.equal((await plan(at)).is, 'ready');
    assert.equal(answered, 0);
    release();
    await Promise.all(inspections);
  });

  it('moves the other jobs of a process to another one when a remote hangs', async () => {
    start({ limit: 1, firstByteMs: 1_000 });
    const [ill, beside] = [await repository(), await repository()];
    await plan(beside);
    let sayKilled = () => {};
    const killed = new Promise<undefined>((resolve) => {
      sayKilled = () => resolve(undefined);
    });
    // The other remote answers, but is in the middle of its answer when the process is killed.
    let looks = 0;
    server.intercept(({ repository: name, step }) => {
      if (name === ill.name) return 'hang';
      if (name === beside.name && step === 'advertise' && looks++ < 2) return killed;
      return undefined;
    });
    const stuck = plan(ill).catch((error: Error) => error);
    const before = await processes();
    await until(() => looks > 0 || pool.count === 0);
    const waiting = plan(beside);
    assert.match(String(await stuck), /RemoteFault: the remote did not answer for 1000 ms/);
    sayKilled();
    assert.equal((await waiting).is, 'ready');
    assert.notDeepEqual(await processes(), before);
  });

  it('moves a repository away from a process whose other remote is silent', async () => {
    start({ limit: 2 });
    const [ill, healthy] = [await repository(), await repository()];
    await plan(healthy);
    await plan(ill);
    const [only, ...more] = await processes();
    assert.deepEqual([pool.count, more], [1, []]);
    server.intercept(({ repository: name }) => (name === ill.name ? 'hang' : undefined));
    const stuck = plan(ill).catch(String);
    await until(async () => {
      assert.equal((await plan(healthy)).is, 'ready');
      return pool.count === 2;
    });
    assert.ok((await processes()).includes(only ?? 0));
    await pool.close();
    await stuck;
  });

  it('rejects a job that makes two processes crash', async () => {
    start({ limit: 1 });
    const at = await repository();
    let shots = 0;
    server.intercept(async () => {
      shots++;
      for (const pid of await processes()) process.kill(pid, 'SIGSEGV');
      return 'drop' as const;
    });
    await assert.rejects(plan(at), /RemoteFault: the Git worker ended by SIGSEGV/);
    assert.equal(shots, 2);
  });

  it('ends an idle process', async () => {
    start({ idleMs: 0 });
    await plan(await repository());
    await until(() => pool.count === 0);
  });

  it('replaces a process that uses too much memory, after the jobs that it runs', async () => {
    start({ limit: 1, maxBytes: 1 });
    const at = await repository();
    const plans: string[] = [];
    for (let round = 0; round < 2; round++) {
      plans.push((await plan(at)).is);
      await until(() => pool.count === 0);
    }
    assert.deepEqual(plans, ['ready', 'ready']);
  });

  it('keeps a process that uses little memory', async () => {
    start({ limit: 1 });
    const at = await repository();
    await plan(at);
    const before = await processes();
    for (let round = 0; round < 5; round++) await plan(at);
    assert.deepEqual(await processes(), before);
  });

  it('deletes the mirror that was in use when a process crashed', async () => {
    start();
    const at = await repository();
    await plan(at);
    const mirror = `${directory.path}/${directoryOf(at.name)}`;
    assert.ok(existsSync(mirror));
    for (const pid of await processes()) process.kill(pid, 'SIGSEGV');
    await until(() => pool.count === 0);
    assert.equal(existsSync(mirror), false);
    assert.equal((await plan(at)).is, 'ready');
  });

  it('makes safe names for the directories of mirrors', () => {
    const name = directoryOf('git.example.com:8443/../../etc/passwd');
    assert.match(name, /^git-example-com-8443-etc-passwd-[0-9a-f]{16}$/);
    assert.notEqual(directoryOf('a/b'), directoryOf('a-b'));
    assert.ok(directoryOf(`a/${'b'.repeat(500)}`).length < 100);
  });

  /** The worker processes of this test. */
  async function processes(): Promise<number[]> {
    const { stdout } = await promisify(execFile)('ps', ['-axo', 'pid=,ppid=,args=']);
    const lines = stdout.split('\n').map((line) => line.trim().split(/\s+/));
    // By the whole path: a child that has not begun its own program yet shows the arguments of this one.
    const ours = lines.filter(
      ([, parent, ...args]) => Number(parent) === process.pid && /git\/worker\/main\.[jt]s/.test(args.join(' ')),
    );
    return ours.map(([pid]) => Number(pid)).sort();
  }
});
