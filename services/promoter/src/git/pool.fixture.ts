import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  type GitServer,
  type Repository,
  startGitServer,
  type TemporaryDirectory,
  temporaryDirectory,
} from '@k8sta/sandbox';
import { author, image, part as workerPart } from './worker/handler.fixture.js';
import type { AnswerTo } from './worker/protocol.js';
import { WorkerPool, type WorkerPoolOptions } from './worker-pool.js';

export { author, image };
export const part = {
  ...workerPart,
  applications: [{ namespace: 'argocd', name: 'dev', sources: [{ path: 'dev' }], image }],
};

/** A Git server, and for each test a pool with mirrors of its own. */
export class PoolStage {
  readonly server: GitServer;
  directory!: TemporaryDirectory;
  pool!: WorkerPool;
  #count = 0;

  private constructor(server: GitServer) {
    this.server = server;
  }

  static async start(): Promise<PoolStage> {
    return new PoolStage(await startGitServer());
  }

  /** Before each test. */
  async reset(): Promise<void> {
    this.directory = await temporaryDirectory('workers');
    this.server.intercept(undefined);
  }

  open(options: Partial<WorkerPoolOptions> = {}): WorkerPool {
    const defaults = { limit: 32, idleMs: 60_000, firstByteMs: 20_000, stallMs: 20_000 };
    this.pool = new WorkerPool({ ...defaults, ...options, directory: this.directory.path });
    return this.pool;
  }

  /** After each test. */
  async close(): Promise<void> {
    await this.pool.close();
    await this.directory.remove();
  }

  repository(files: Record<string, string> = {}): Promise<Repository> {
    const text = `images:\n- name: ${image.repository}\n  newTag: 1.4.1\n`;
    const name = `acme/config-${++this.#count}`;
    return this.server.createRepository(name, { files: { 'dev/kustomization.yaml': text, ...files } });
  }

  remoteOf({ url }: Repository) {
    return { url, username: this.server.user, password: this.server.password };
  }

  async plan(at: Repository): Promise<AnswerTo<'inspect'>> {
    const job = { op: 'plan' as const, remote: this.remoteOf(at), parts: [part], author };
    const [planned] = await this.pool.run(at.name, job);
    assert.ok(planned);
    return planned;
  }

  /** The worker processes of this test, which are all that this process has. */
  async processes(): Promise<number[]> {
    const { stdout } = await promisify(execFile)('ps', ['-axo', 'pid=,ppid=,args=']);
    const lines = stdout.split('\n').map((line) => line.trim().split(/\s+/));
    // By the whole path: a child that has not begun its own program yet shows the arguments of this one.
    const ours = lines.filter(
      ([, parent, ...args]) => Number(parent) === process.pid && /git\/worker\/main\.[jt]s/.test(args.join(' ')),
    );
    return ours.map(([pid]) => Number(pid)).sort();
  }

  stop(): Promise<void> {
    return this.server.stop();
  }
}
