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
import type { AnswerTo } from './worker/protocol.js';
import { RemoteFault } from './worker-process.js';
import { directoryOf, Workers, type WorkersOptions } from './workers.js';

const image = { repository: 'ghcr.io/acme/storefront', tag: '1.4.2' };
const part = {
  id: 'ticket/dev/1/0',
  ticket: 'ticket',
  track: 'storefront',
  station: 'dev',
  branch: 'refs/heads/main',
  applications: [{ namespace: 'argocd', name: 'dev', path: 'dev', image }],
  protectedSources: [],
  requestedAt: new Date().toISOString(),
};

describe('workers', () => {
  let server: GitServer;
  let directory: TemporaryDirectory;
  let workers: Workers;
  let count = 0;

  before(async () => {
    server = await startGitServer();
  });
  beforeEach(async () => {
    directory = await temporaryDirectory('workers');
    server.intercept(undefined);
  });
  afterEach(async () => {
    await workers.close();
    await directory.remove();
  });
  after(() => server.stop());

  function start(options: Partial<WorkersOptions> = {}): void {
    const defaults = { limit: 32, idleMs: 60_000, firstByteMs: 20_000, stallMs: 20_000 };
    workers = new Workers({ ...defaults, ...options, directory: directory.path });
  }

  function repository(files: Record<string, string> = {}): Promise<Repository> {
    const text = `images:\n- name: ${image.repository}\n  newTag: 1.4.1\n`;
    return server.createRepository(`acme/config-${++count}`, { files: { 'dev/kustomization.yaml': text, ...files } });
  }

  const remoteOf = ({ url }: Repository) => ({ url, username: server.user, password: server.password });
  const plan = (at: Repository): Promise<AnswerTo<'plan'>> =>
    workers.ask(at.name, { op: 'plan', remote: remoteOf(at), part });

  it('kills what does not answer, and starts anew', async () => {
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

  it('kills what falls silent in the middle', async () => {
    start({ stallMs: 500 });
    const at = await repository({ big: 'x'.repeat(100_000) });
    server.intercept(({ step }) => (step === 'exchange' ? { stallAfterBytes: 60 } : undefined));
    await assert.rejects(plan(at), /said nothing more for 500 ms/);
  });

  it('does not take waiting for others of the same repository for silence', async () => {
    start({ firstByteMs: 2_000, stallMs: 1_000 });
    const at = await repository();
    // A slow server: two requests for each look, one look after the other.
    server.intercept(() => new Promise((resolve) => setTimeout(() => resolve(undefined), 250)));
    const plans = await Promise.all([1, 2, 3, 4, 5, 6].map(() => plan(at)));
    assert.deepEqual(new Set(plans.map(({ is }) => is)), new Set(['ready']));
  });

  it('lets a healthy remote work while twenty others hang', async () => {
    start();
    const healthy = await repository();
    const ill = await Promise.all(Array.from({ length: 20 }, () => repository()));
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
    assert.equal(workers.count, 21);
    await workers.close();
    await assert.rejects(plan(healthy), /the service ends/);
    for (const why of await Promise.all(stuck)) assert.match(why, /RemoteFault: the service ends/);
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
    const order = { op: 'push' as const, remote: remoteOf(at), part, branch: ready.branch, onto: ready.tip, author };
    const stuck = workers.ask(at.name, order).catch(String);
    await until(() => pushing);
    const question = { repository: at.url, commit: ready.tip, revision: ready.tip, image };
    const reply = await workers.ask(at.name, { op: 'relation', remote: remoteOf(at), question });
    assert.deepEqual(reply, { relation: 'same' });
    await workers.close();
    await stuck;
  });

  it('makes room: who has nothing to do gives way', async () => {
    start({ limit: 2 });
    const all = await Promise.all([repository(), repository(), repository(), repository(), repository()]);
    const idle = await Promise.all(all.slice(0, 2).map(plan));
    const others = await Promise.all(all.slice(2).map(plan));
    assert.deepEqual(new Set([...idle, ...others].map(({ is }) => is)), new Set(['ready']));
    assert.ok(workers.count <= 2);
  });

  it('ends one that has had nothing to do', async () => {
    start({ idleMs: 0 });
    await plan(await repository());
    await until(() => workers.count === 0);
  });

  it('throws away the mirror of one that crashed', async () => {
    start();
    const at = await repository();
    await plan(at);
    const mirror = `${directory.path}/${directoryOf(at.name)}`;
    assert.ok(existsSync(mirror));
    process.kill(await workerOn(mirror), 'SIGSEGV');
    await until(() => workers.count === 0);
    assert.equal(existsSync(mirror), false);
    assert.equal((await plan(at)).is, 'ready');
  });

  it('keeps mirrors in directories of its own making', () => {
    const name = directoryOf('git.example.com:8443/../../etc/passwd');
    assert.match(name, /^git-example-com-8443-etc-passwd-[0-9a-f]{16}$/);
    assert.notEqual(directoryOf('a/b'), directoryOf('a-b'));
    assert.ok(directoryOf(`a/${'b'.repeat(500)}`).length < 100);
  });

  /** The process that works on this mirror, by its command line. */
  async function workerOn(mirror: string): Promise<number> {
    const { stdout } = await promisify(execFile)('ps', ['-axo', 'pid=,args=']);
    const line = stdout.split('\n').find((each) => each.endsWith(mirror));
    return Number.parseInt(line ?? '', 10);
  }
});
