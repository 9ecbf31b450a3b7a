import { type Bus, connectBus, type Handler, type Log, type Outcome } from '@k8sta/bus';
import { type DataOf, eventId, everyUse, partId, partTokens, promotionWanted } from '@k8sta/contracts';
import {
  type GitRequest,
  type GitServer,
  type NatsServer,
  type Repository,
  startGitServer,
  startNats,
  type TemporaryDirectory,
  temporaryDirectory,
} from '@k8sta/sandbox';
import { CredentialsInvalid } from './credentials/credential.js';
import type { ForgeOf } from './forge/forge.js';
import type { Git } from './git/git.js';
import { gitByWorkers } from './git/worker-git.js';
import { WorkerPool } from './git/worker-pool.js';
import type { Budgets } from './git/worker-process.js';
import { createHandlers, type HandlerOptions, type Handlers } from './handle.js';
import { DirectCommit } from './write/direct-commit.js';

export type Request = DataOf<'promotion.requested'>;
export type Answer =
  | ({ is: 'committed' } & DataOf<'promotion.committed'>)
  | ({ is: 'failed' } & DataOf<'promotion.failed'>);

export const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };
export const image = { repository: 'ghcr.io/acme/storefront', tag: '1.4.2' };

/** A kustomization that names the image of these tests with this tag. */
export function naming(tag: string): string {
  return `# web\nresources:\n- ../../base\nimages:\n- name: ${image.repository} # ours\n  newTag: ${tag}\n`;
}

/** The file of the Application dev. */
export const file = 'apps/dev/kustomization.yaml';

/** The reason and message of a failed promotion. */
export function failure(answer: Answer): string {
  if (answer.is !== 'failed') throw new Error(`the promotion did not fail: ${JSON.stringify(answer)}`);
  return `${answer.reason}: ${answer.message}`;
}

export function isPush({ service, step }: GitRequest): boolean {
  return service === 'git-receive-pack' && step === 'exchange';
}

export function application(name: string, change: Partial<Request['applications'][number]> = {}) {
  const sources = [{ path: `apps/${name}`, type: 'Kustomize' }];
  return { namespace: 'argocd', name, sources, sourceIndex: 0, image, ...change };
}

/** One promoter with mirrors of its own. */
export interface Replica {
  readonly git: Git;
  readonly handle: Handler<'promotion.requested'>;
  readonly handlers: Handlers;
}

type Wanted = { wanted: boolean; message?: string };

/** What a test of the promoter needs: real NATS, a real Git server, and a tracker whose answer the test sets. */
export class Stage {
  readonly nats: NatsServer;
  readonly server: GitServer;
  readonly bus: Bus;
  readonly tracker: Bus;
  /** What the tracker answers; undefined makes it fail. */
  wanted: ((part: { promotion: string }) => Wanted | Promise<Wanted>) | undefined;
  asked = 0;
  lostPushes = 0;
  /** How far the promoter's clock is ahead, in milliseconds. */
  ahead = 0;
  password = '';
  /** The fault of the credentials, if they have one. */
  credentialsFault: string | undefined;
  /** The forge of a repository. */
  forgeOf: ForgeOf = async () => 'no forge is known here';
  readonly #mirrors: TemporaryDirectory;
  /** The first one is shared by all replicas that need no other: a process takes longer to start than most tests. */
  readonly #pools: WorkerPool[] = [];
  #replicas = 0;
  #count = 0;

  private constructor(parts: Pick<Stage, 'nats' | 'server' | 'bus' | 'tracker'>, mirrors: TemporaryDirectory) {
    this.nats = parts.nats;
    this.server = parts.server;
    this.bus = parts.bus;
    this.tracker = parts.tracker;
    this.#mirrors = mirrors;
    this.#startPool();
  }

  static async start(): Promise<Stage> {
    const nats = await startNats();
    const connection = { servers: nats.url };
    const parts = {
      nats,
      server: await startGitServer(),
      // First, because the promoter waits for its streams. It also reads what the promoter published.
      tracker: await connectBus({ service: 'tracker', uses: everyUse, connection, log: quiet }),
      bus: await connectBus({ service: 'promoter', connection, log: quiet }),
    };
    const stage = new Stage(parts, await temporaryDirectory('mirrors'));
    parts.tracker.answer(promotionWanted, async (part) => {
      stage.asked++;
      if (!stage.wanted) throw new Error('the tracker is away');
      return stage.wanted(part);
    });
    stage.reset();
    return stage;
  }

  /** Restores the defaults between two tests. */
  reset(): void {
    this.server.intercept(undefined);
    this.wanted = () => ({ wanted: true });
    this.asked = 0;
    this.lostPushes = 0;
    this.ahead = 0;
    this.password = this.server.password;
    this.credentialsFault = undefined;
  }

  async stop(): Promise<void> {
    await this.bus.close();
    await this.tracker.close();
    await Promise.all(this.#pools.map((pool) => pool.close()));
    await this.nats.stop();
    await this.server.stop();
    await this.#mirrors.remove();
  }

  #startPool(budgets: Partial<Budgets> = {}): WorkerPool {
    const directory = `${this.#mirrors.path}/${this.#pools.length}`;
    const defaults = { limit: 2, idleMs: 60_000, firstByteMs: 20_000, stallMs: 20_000 };
    const pool = new WorkerPool({ ...defaults, ...budgets, directory });
    this.#pools.push(pool);
    return pool;
  }

  /** Another promoter, perhaps with a bus that behaves differently, or with shorter time-outs and so processes of its own. */
  replica({ bus = {}, budgets }: { bus?: Partial<HandlerOptions['bus']>; budgets?: Partial<Budgets> } = {}): Replica {
    const self = ++this.#replicas;
    const pool = (budgets ? undefined : this.#pools[0]) ?? this.#startPool(budgets);
    const git = gitByWorkers({
      isReadable: () => true,
      // Each replica has its own mirror of a repository.
      pool: { run: (repository, job, options) => pool.run(`${self}/${repository}`, job, options) },
      author: { name: 'K8sTA', email: 'k8sta@localhost' },
      accessTo: async (url) => {
        if (this.credentialsFault !== undefined) throw new CredentialsInvalid(this.credentialsFault);
        const { user: username } = this.server;
        return { remote: { url, username, password: this.password }, secrets: [this.password] };
      },
    });
    const metrics = { ended() {}, pushLost: () => void this.lostPushes++ };
    const { random } = Math;
    const { publish, last, since, ask } = this.bus;
    const handlers = createHandlers({
      bus: { publish, last, since, ask, ...bus },
      forgeOf: (address, provider) => this.forgeOf(address, provider),
      git,
      isAllowed: (name) => !name.includes('forbidden'),
      write: new DirectCommit({ git, metrics, random }),
      metrics,
      log: quiet,
      now: () => new Date(Date.now() + this.ahead),
      random,
    });
    return { git, handlers, handle: handlers.requested };
  }

  repository(files: Record<string, string> = {}): Promise<Repository> {
    return this.server.createRepository(`acme/config-${++this.#count}`, {
      files: {
        'apps/dev/kustomization.yaml': naming('1.4.1'),
        'apps/prod/kustomization.yaml': naming('1.4.0'),
        'base/kustomization.yaml': 'resources: []\n',
        ...files,
      },
    });
  }

  /** A request for the Station dev of this repository. */
  request(repository: Repository, change: Partial<Request> = {}): Request {
    const now = Date.now();
    const ticket = `ticket${this.#count}`;
    return {
      promotion: `${ticket}/dev/1`,
      part: 0,
      parts: 1,
      ticket,
      track: 'storefront',
      station: 'dev',
      issue: 0,
      repository: repository.url,
      branch: 'refs/heads/main',
      applications: [application('dev')],
      protectedSources: [{ namespace: 'argocd', name: 'prod', station: 'prod', source: { path: 'apps/prod' } }],
      requestedAt: new Date(now).toISOString(),
      notAfter: new Date(now + 3_600_000).toISOString(),
      ...change,
    };
  }

  /** Delivers a request as the bus does. */
  deliver(replica: Replica, request: Request, deliveries = 1): Promise<Outcome> {
    const { promotion, part, issue } = request;
    return replica.handle({
      type: 'promotion.requested',
      id: eventId('promotion.requested', promotion, part, issue),
      data: request,
      time: new Date(),
      sequence: 1,
      deliveries,
    });
  }

  /** All answers to a promotion, oldest first of each type. */
  async answers({ track, station, promotion, part }: Request): Promise<Answer[]> {
    const since = <T extends 'promotion.committed' | 'promotion.failed'>(type: T) =>
      this.tracker.since(type, { track, station }, new Date(0));
    const committed = (await since('promotion.committed')).map(({ data }) => ({ is: 'committed' as const, ...data }));
    const failed = (await since('promotion.failed')).map(({ data }) => ({ is: 'failed' as const, ...data }));
    return [...committed, ...failed].filter((each) => each.promotion === promotion && each.part === part);
  }

  /** Delivers a request once and returns its only answer. */
  async answer(replica: Replica, request: Request): Promise<Answer> {
    const outcome = await this.deliver(replica, request);
    const answers = await this.answers(request);
    const [answer] = answers;
    if (outcome.is !== 'done' || !answer || answers.length > 1) {
      throw new Error(`${JSON.stringify(outcome)}, ${answers.length} answers`);
    }
    return answer;
  }

  /** Publishes what a promoter publishes before its first push. */
  async begin({ promotion, part, ticket, track, station, repository }: Request, base: string): Promise<void> {
    const target = { kind: 'kustomize' as const };
    const replaces = [{ namespace: 'argocd', name: 'dev', file, target, value: `${image.repository}:1.4.1` }];
    await this.bus.publish({
      type: 'promotion.started',
      id: eventId('promotion.started', partId(promotion, part)),
      data: { promotion, part, ticket, track, station, repository, base, replaces, branch: 'refs/heads/main' },
    });
  }

  /** The published reasons why a promotion could not be committed yet. */
  async delays({ promotion, track, station }: Request): Promise<string[]> {
    const events = await this.tracker.since('promotion.delayed', { track, station }, new Date(0));
    return events
      .filter(({ data }) => data.promotion === promotion)
      .map(({ data }) => `${data.attempt}: ${data.message}`);
  }

  /** What was published about a promotion before its first pushes. */
  started(request: Request) {
    return this.bus.since('promotion.started', partTokens(request), new Date(0));
  }
}
