import { type ApplicationSpec, type ArgoCd, type ArgoCdOptions, startArgoCd } from './argo/index.js';
import { temporaryDirectory } from './directory.js';
import { type Ends, startInSteps } from './ends.js';
import type { ForgeServer } from './forge/index.js';
import { startForgeHost } from './forge-host.js';
import type { Repository } from './git/repository.js';
import { type GitServer, startGitServer } from './git/server.js';
import { type Line, type Railway, railwayOf, storefront } from './line.js';
import { type DeployedNats, startDeployedNats } from './nats.js';
import { type DeployedRedis, startDeployedRedis } from './redis.js';
import type { RepositoryHost } from './repository-host.js';
import type { Service } from './service.js';
import { configure, type ServiceName } from './system-configuration.js';
import type { SystemOptions } from './system-options.js';
import { type Proxies, SystemServices, startProxies } from './system-services.js';

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
  readonly proxies: Proxies | undefined;
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
  /** The address for reports of the check `smoke`, and the secret that signs them. */
  readonly checks: { readonly url: string; readonly secret: string };
  /** Stops everything. Rejects if NATS or Redis has refused anything to a user: our services must never cause that. */
  stop(): Promise<void>;
}

export async function startSystem(options: SystemOptions = {}): Promise<System> {
  try {
    return await startInSteps((ends) => start(options, ends));
  } catch (error) {
    // After an abort, its reason matters, not the failures that it caused.
    options.signal?.throwIfAborted();
    throw error;
  }
}

async function start(options: SystemOptions, ends: Ends): Promise<System> {
  const { line = storefront } = options;
  const railway = options.railway ?? railwayOf([{ line, repository: 'deploy' }], options.deadline ?? '10s');
  const onStep = (step: string) => {
    options.signal?.throwIfAborted();
    options.onStep?.(step);
  };
  const directory = await temporaryDirectory('system');
  ends.add(() => directory.remove());
  onStep('nats-server and redis-server');
  const nats = ends.keep(await (options.startNats ?? startDeployedNats)());
  const redis = ends.keep(await (options.startRedis ?? startDeployedRedis)());
  const hosted = Object.keys(railway.repositories);
  onStep(`a Git server with ${hosted.length === 1 ? `the repository "${hosted}"` : `${hosted.length} repositories`}`);
  const { git, forge, host, repository, repositories } = await startRepositories(options, railway, ends);
  const applications = railway.applications((name) => (repositories[name] ?? repository).url);
  onStep('the Argo CD stand-in, which deploys what the repository says');
  const argo = await startArgo({ git: host.argo, applications, ...options.argo }, ends);
  const { tracks, environments, ...webhooks } = await configure(directory.path, {
    ...{ tracksText: railway.tracks, nats, redis, host, argo, forge },
  });
  const proxies = options.proxied ? await startProxies(nats, redis, ends) : undefined;
  onStep('ingest, tracker, promoter and argo-watcher');
  const own = new SystemServices({ nats, proxies, tracks, environments, ends, options });
  const services = await own.startAll();
  return {
    ...{ line, nats, redis, git, repository, repositories, forge, argo, applications, services, proxies, tracks },
    ...webhooks,
    directory: directory.path,
    replica: (name, change) => own.start(name, change),
    startBoard: (environment) => own.startBoard(environment),
    async stop() {
      const refused = await redis.refusals().finally(() => ends.stop());
      refused.push(...nats.refusals.list(), ...own.refusals());
      if (refused.length > 0) throw new Error(`NATS or Redis refused something in this run:\n${refused.join('\n')}`);
    },
  };
}

/** Starts what hosts the repositories of the railway, and creates them. */
async function startRepositories(options: SystemOptions, railway: Railway, ends: Ends) {
  const git = ends.keep(await startGitServer());
  const forgeHost = options.forge && (await startForgeHost(git, options.forge));
  const forge = forgeHost && ends.keep(forgeHost.forge);
  const host = options.host ?? forgeHost ?? hostOf(git);
  const repositories: Record<string, Repository> = {};
  for (const [name, files] of Object.entries(railway.repositories)) {
    repositories[name] = await host.createRepository(name, { files });
  }
  const [repository] = Object.values(repositories);
  if (!repository) throw new Error('the railway has no repository');
  return { git, forge, host, repository, repositories };
}

async function startArgo(options: ArgoCdOptions, ends: Ends): Promise<ArgoCd> {
  // The polls of all Applications share a request. A refresh, which argo-watcher asks for, asks the Git server itself.
  const argo = ends.keep(await startArgoCd({ speeds: { revisionCacheMs: 2_000 }, ...options }));
  await argo.ready();
  return argo;
}

function hostOf(git: GitServer): RepositoryHost {
  const { url, user: username, password } = git;
  return {
    createRepository: (name, contents) => git.createRepository(name, contents),
    secret: { url, username, password },
    argo: { username, password },
  };
}
