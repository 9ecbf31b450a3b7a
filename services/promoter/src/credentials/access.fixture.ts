import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type Repository, type TemporaryDirectory, temporaryDirectory } from '@k8sta/sandbox';
import { type Git, RemoteFault, repositoryOf } from '../git/git.js';
import type { MessageStyle } from '../git/worker/protocol.js';
import { gitByWorkers } from '../git/worker-git.js';
import { WorkerPool } from '../git/worker-pool.js';
import type { Part } from '../part.js';
import { openGitAccess } from './open.js';
import { MountedSecrets } from './secrets.fixture.js';

const image = 'ghcr.io/acme/storefront';
const file = 'apps/dev/kustomization.yaml';

export const contents = { files: { [file]: `images:\n- name: ${image}\n  newTag: 1.4.1\n` } };

const refsTo = (repository: string) => ({ other: { elsewhere: { repository, revision: 'main' } } });

export interface PromoterSettings {
  readonly knownHosts?: string;
  readonly caFile?: string;
  readonly signingKeyFile?: string;
  readonly signingPassphraseFile?: string;
  readonly message?: MessageStyle;
  readonly firstByteMs?: number;
  readonly environment?: Record<string, string>;
}

/** The Git of a promoter with its credentials, as main.ts builds it. */
export class Promoter {
  readonly secrets: MountedSecrets;
  /** Why plans took long. */
  readonly notes: string[] = [];
  readonly #directory: TemporaryDirectory;
  readonly #pool: WorkerPool;
  readonly #git: Git;
  #now: () => number;
  #count = 0;

  private constructor(parts: { secrets: MountedSecrets; directory: TemporaryDirectory; pool: WorkerPool; git: Git }) {
    this.secrets = parts.secrets;
    this.#directory = parts.directory;
    this.#pool = parts.pool;
    this.#git = parts.git;
    this.#now = Date.now;
  }

  static async start(settings: PromoterSettings = {}): Promise<Promoter> {
    const [secrets, directory] = [await MountedSecrets.create(), await temporaryDirectory('promoter')];
    const { environment, access, signingKey } = await openGitAccess({
      credentials: secrets.path,
      knownHosts: settings.knownHosts,
      caFile: settings.caFile,
      signingKeyFile: settings.signingKeyFile,
      signingPassphraseFile: settings.signingPassphraseFile,
      directory: directory.path,
      environment: { ...process.env, ...settings.environment },
      onAuthoritiesChange: () => pool.renew(),
      // Each job reads the credentials again.
      now: () => promoter.#now(),
    });
    const budgets = { firstByteMs: settings.firstByteMs ?? 20_000, stallMs: 20_000 };
    const pool = new WorkerPool({
      directory: join(directory.path, 'mirrors'),
      limit: 2,
      idleMs: 60_000,
      environment,
      ...budgets,
    });
    const author = { name: 'K8sTA', email: 'k8sta@localhost' };
    const accessTo = (address: string) => access.to(address);
    const { message = {} } = settings;
    const git = gitByWorkers({ pool, author, message, signingKey, accessTo, isReadable: () => true });
    const promoter: Promoter = new Promoter({ secrets, directory, pool, git });
    return promoter;
  }

  /** How many worker processes there are. */
  get workers(): number {
    return this.#pool.count;
  }

  /**
   * Plans and pushes a promotion to the next version, with a clock that is two seconds later each time. Its build may read
   * another repository.
   */
  async promote(url: string, reads?: string): Promise<string> {
    const at = Date.now() + ++this.#count * 2_000;
    this.#now = () => at;
    const repository = repositoryOf(url, () => true);
    assert.ok(typeof repository === 'object', JSON.stringify(repository));
    const tag = `1.5.${this.#count}`;
    const part: Part = {
      ...{ id: `ticket/dev/${this.#count}/0`, ticket: 'ticket', track: 'storefront', station: 'dev' },
      branch: 'refs/heads/main',
      applications: [
        {
          namespace: 'argocd',
          name: 'dev',
          sources: [{ path: 'apps/dev', type: 'Kustomize', ...(reads !== undefined && { refs: refsTo(reads) }) }],
          image: { repository: image, tag },
        },
      ],
      protectedSources: [],
      requestedAt: new Date().toISOString(),
    };
    const [plan] = await this.#git.plan(repository, [part], (note) => this.notes.push(note));
    assert.equal(plan?.is, 'ready', JSON.stringify(plan));
    const [pushed] = await this.#git.push(repository, [part], 'refs/heads/main');
    assert.ok(pushed?.is === 'pushed', JSON.stringify(pushed));
    return pushed.commit;
  }

  /** Promotes, and returns why that was not possible. */
  async failure(url: string, reads?: string): Promise<string> {
    try {
      await this.promote(url, reads);
    } catch (error) {
      if (error instanceof RemoteFault) return error.message;
      throw error;
    }
    throw new Error(`${url} was pushed to`);
  }

  async stop(): Promise<void> {
    await this.#pool.close();
    await this.#directory.remove();
    await this.secrets.remove();
  }
}

/** Promotes, and asserts that the commit is the tip of the repository. */
export async function assertPromotes(promoter: Promoter, repository: Repository, url = repository.url): Promise<void> {
  assert.equal(await promoter.promote(url), await repository.tip());
}
