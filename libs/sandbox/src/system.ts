import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ApplicationSpec, type ArgoCd, type ArgoCdOptions, startArgoCd } from './argo/index.js';
import { temporaryDirectory } from './directory.js';
import type { ForgeServer } from './forge/index.js';
import { type ForgeOptions, startForgeHost } from './forge-host.js';
import type { Repository } from './git/repository.js';
import { type GitServer, startGitServer } from './git/server.js';
import { type Line, type Railway, railwayOf, storefront } from './line.js';
import { type DeployedNats, startDeployedNats } from './nats.js';
import { freePort } from './port.js';
import { type DeployedRedis, startDeployedRedis } from './redis.js';
import { Refusals } from './refusals.js';
import type { RepositoryHost } from './repository-host.js';
import { type Service, startService } from './service.js';
import { configure, type ServiceName } from './system-configuration.js';
import { startProxy, type TcpProxy } from './tcp-proxy.js';

export interface SystemOptions {
  readonly line?: Line;
  /** Many Tracks and repositories, instead of the line. */
  readonly railway?: Railway;
  /** More options of the Argo CD stand-in. */
  readonly argo?: Pick<ArgoCdOptions, 'pollMs' | 'scenarios'>;
  /** The deadline of each Station of the line, in the form of the tracks file. The default is short, so that a failure is quick. */
  readonly deadline?: string;
  /** Whether each service reaches NATS, and the tracker Redis, through a proxy that a test can watch and cut. */
  readonly proxied?: boolean;
  /** Starts other servers than a single nats-server or redis-server, such as a cluster. The system stops them. */
  readonly startNats?: () => Promise<DeployedNats>;
  readonly startRedis?: () => Promise<DeployedRedis>;
  /** Where the repository is and how it is reached; default: the Git server, by user name and password. */
  readonly host?: RepositoryHost;
  /** A forge in front of the Git server, which shows pull requests and posts webhooks to ingest. */
  readonly forge?: ForgeOptions;
  /** By service: the folder of a checkout whose version of the service runs, with its packages installed. */
  readonly versions?: Readonly<Partial<Record<ServiceName, string>>>;
  /** More variables, by service. */
  readonly environment?: Readonly<Partial<Record<ServiceName, Record<string, string>>>>;
  /** Called with each line that a service writes. */
  readonly onLine?: (line: string) => void;
  /** Called before each step of the start. */
  readonly onStep?: (step: string) => void;
  /** If it is aborted during the start, everything is stopped and the start rejects with the reason. */
  readonly signal?: AbortSignal;
}

/**
 * A whole K8sTA on this machine: NATS, Redis, a Git server, the Argo CD stand-in and the four services. NATS and Redis
 * have the users of deploy/, and each service uses its own.
 */
export interface System {
  readonly line: Line;
  readonly nats: DeployedNats;
  readonly redis: DeployedRedis;
  readonly git: GitServer;
  /** The first one, which is the only one of a line. */
  readonly repository: Repository;
  readonly repositories: Readonly<Record<string, Repository>>;
  /** Present with the option `forge`. */
  readonly forge: ForgeServer | undefined;
  readonly argo: ArgoCd;
  /** The specs of the Applications, to create one again. */
  readonly applications: readonly ApplicationSpec[];
  readonly services: Readonly<Record<ServiceName, Service>>;
  /** Present with the option `proxied`. */
  readonly proxies: { readonly nats: Readonly<Record<ServiceName, TcpProxy>>; readonly redis: TcpProxy } | undefined;
  /** The path of the tracks file. */
  readonly tracks: string;
  /** The folder with the services' files; `stop()` removes it. */
  readonly directory: string;
  /** Starts another process of the service with the same configuration and this change, and waits until it is ready. */
  replica(name: ServiceName, change?: Record<string, string>): Promise<Service>;
  /** The address for Docker Hub's webhooks, with its secret. */
  readonly webhookUrl: string;
  /** Starts a board with these variables in addition, waits until it is ready, and returns its address. */
  startBoard(environment?: Readonly<Record<string, string>>): Promise<string>;
  /** The address for GHCR's webhooks, and the secret that signs them. */
  readonly ghcr: { readonly url: string; readonly secret: string };
  /** Stops everything. Rejects if NATS or Redis has refused anything to a user: our services must never cause that. */
  stop(): Promise<void>;
}

export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const { line = storefront } = options;
  const railway = options.railway ?? railwayOf([{ line, repository: 'deploy' }], options.deadline ?? '10s');
  const onStep = (step: string) => {
    options.signal?.throwIfAborted();
    options.onStep?.(step);
  };
  const aborted = new Promise<never>((_resolve, reject) => {
    options.signal?.addEventListener('abort', () => reject(options.signal?.reason), { once: true });
  });
  aborted.catch(() => {});
  const ends: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  const keep = <T extends { stop(): Promise<void> }>(server: T): T => {
    ends.push(() => server.stop());
    return server;
  };
  try {
    const directory = await temporaryDirectory('system');
    ends.push(() => directory.remove());
    onStep('nats-server and redis-server');
    const nats = keep(await (options.startNats ?? startDeployedNats)());
    const redis = keep(await (options.startRedis ?? startDeployedRedis)());
    const heard = new Map<ServiceName, Refusals>();
    const hosted = Object.keys(railway.repositories);
    onStep(`a Git server with ${hosted.length === 1 ? `the repository "${hosted}"` : `${hosted.length} repositories`}`);
    const git = keep(await startGitServer());
    const forgeHost = options.forge && (await startForgeHost(git, options.forge));
    const forge = forgeHost && keep(forgeHost.forge);
    const host = options.host ?? forgeHost ?? hostOf(git);
    const repositories: Record<string, Repository> = {};
    for (const [name, files] of Object.entries(railway.repositories)) {
      repositories[name] = await host.createRepository(name, { files });
    }
    const [repository] = Object.values(repositories);
    if (!repository) throw new Error('the railway has no repository');
    const applications = railway.applications((name) => (repositories[name] ?? repository).url);
    onStep('the Argo CD stand-in, which deploys what the repository says');
    const argo = keep(
      await startArgoCd({
        git: host.argo,
        applications,
        // The polls of all Applications share a request. A refresh, which argo-watcher asks for, asks the Git server itself.
        speeds: { revisionCacheMs: 2_000 },
        ...options.argo,
      }),
    );
    await argo.ready();
    const { tracks, environments, ...webhooks } = await configure(directory.path, {
      ...{ tracksText: railway.tracks, nats, redis, host, argo, forge },
    });
    const proxies = options.proxied ? await startProxies(nats, redis, keep) : undefined;
    onStep('ingest, tracker, promoter and argo-watcher');
    const replica = async (name: ServiceName, change?: Record<string, string>): Promise<Service> => {
      const through: Record<string, string> = proxies ? throughProxies(name, proxies) : {};
      const environment = { ...environments[name], ...through, ...options.environment?.[name], ...change };
      const folder = options.versions?.[name];
      const from = folder === undefined ? require : createRequire(join(folder, 'package.json'));
      const entry = pathToFileURL(from.resolve(`@k8sta/${name}`)).href;
      const refusals =
        heard.get(name) ?? new Refusals(name, /(NOPERM[^"]*|Permissions Violation for \w+ to \\?"[^"\\]*)/);
      heard.set(name, refusals);
      const onLine = (line: string) => {
        refusals.read(line);
        options.onLine?.(line);
      };
      const service = keep(await startService({ name, entry, environment, onLine }));
      await Promise.race([service.ready(), aborted]);
      return service;
    };
    // Wait for all, so that no service starts after the stop that another one's failure causes.
    const started = await Promise.allSettled(names.map(async (name) => [name, await replica(name)] as const));
    const failed = started.find((each) => each.status === 'rejected');
    if (failed) throw failed.reason;
    const services = Object.fromEntries(
      started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])),
    ) as Record<ServiceName, Service>;
    const boardRefusals = new Refusals('board', /(Permissions Violation for \w+ to \\?"[^"\\]*)/);
    const startBoard = async (environment: Readonly<Record<string, string>> = {}): Promise<string> => {
      const port = environment['K8STA_HTTP_PORT'] ?? String(await freePort());
      const onLine = (line: string) => {
        boardRefusals.read(line);
        options.onLine?.(line);
      };
      const { user, passwordFile } = nats.as('board');
      const bus = { K8STA_NATS_URL: nats.url, K8STA_NATS_USER: user, K8STA_NATS_PASSWORD_FILE: passwordFile };
      const entry = pathToFileURL(require.resolve('@k8sta/board-service')).href;
      const own = { ...bus, K8STA_TRACKS: tracks, K8STA_HTTP_PORT: port, ...environment };
      const service = keep(await startService({ name: 'board', entry, environment: own, onLine }));
      await Promise.race([service.ready(), aborted]);
      return `http://127.0.0.1:${port}`;
    };
    const servers = { nats, redis, git, repository, repositories, forge, argo, applications, services, proxies };
    const stopUnrefused = async () => {
      const denied = await redis.refusals();
      await stop();
      const refused = [
        ...nats.refusals.list(),
        ...denied,
        ...[...heard.values(), boardRefusals].flatMap((each) => each.list()),
      ];
      if (refused.length > 0) throw new Error(`NATS or Redis refused something in this run:\n${refused.join('\n')}`);
    };
    return {
      line,
      ...servers,
      tracks,
      directory: directory.path,
      replica,
      startBoard,
      ...webhooks,
      stop: stopUnrefused,
    };
  } catch (error) {
    await stop();
    // After an abort, its reason matters, not the failures that it caused.
    options.signal?.throwIfAborted();
    throw error;
  }
}

function hostOf(git: GitServer): RepositoryHost {
  const { url, user: username, password } = git;
  return {
    createRepository: (name, contents) => git.createRepository(name, contents),
    secret: { url, username, password },
    argo: { username, password },
  };
}

/** Finds a service's `main` by its package, as source or built, without importing it. */
const require = createRequire(import.meta.url);

const names: readonly ServiceName[] = ['ingest', 'tracker', 'promoter', 'argo-watcher'];

type Proxies = NonNullable<System['proxies']>;

async function startProxies(
  nats: DeployedNats,
  redis: DeployedRedis,
  keep: <T extends { stop(): Promise<void> }>(server: T) => T,
): Promise<Proxies> {
  const toNats = await Promise.all(names.map(async (name) => [name, keep(await startProxy(nats.port))] as const));
  return { nats: Object.fromEntries(toNats) as Proxies['nats'], redis: keep(await startProxy(redis.port)) };
}

function throughProxies(name: ServiceName, { nats, redis }: Proxies): Record<string, string> {
  const bus = { K8STA_NATS_URL: `nats://127.0.0.1:${nats[name].port}` };
  return name === 'tracker' ? { ...bus, K8STA_REDIS_URL: `redis://127.0.0.1:${redis.port}` } : bus;
}
