import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ApplicationSpec, type ArgoCd, startArgoCd } from './argo/index.js';
import { temporaryDirectory } from './directory.js';
import type { Repository } from './git/repository.js';
import { type GitServer, startGitServer } from './git/server.js';
import { type NatsServer, startNats } from './nats.js';
import { freePort } from './port.js';
import { type RedisServer, startRedis } from './redis.js';
import { type Service, startService } from './service.js';
import { startProxy, type TcpProxy } from './tcp-proxy.js';

/** A Track as the railway builds it: Stations by name, each with its Applications. */
export interface Line {
  readonly track: string;
  /** As its sender spells it: `acme/storefront` on Docker Hub. */
  readonly image: string;
  /** The tag that every Application runs at first. */
  readonly tag: string;
  readonly stations: Readonly<Record<string, readonly string[]>>;
}

export const storefront: Line = {
  track: 'storefront',
  image: 'acme/storefront',
  tag: '1.4.1',
  stations: {
    dev: ['storefront-dev'],
    stage: ['storefront-stage-eu', 'storefront-stage-us'],
    prod: ['storefront-prod'],
  },
};

export type ServiceName = 'ingest' | 'tracker' | 'promoter' | 'argo-watcher';

export interface RailwayOptions {
  readonly line?: Line;
  /** Of each Station, as the tracks file spells it; default: short, since nobody wants to watch half an hour pass. */
  readonly deadline?: string;
  /** Whether each service reaches NATS, and the tracker Redis, through a proxy that a test can watch and cut. */
  readonly proxied?: boolean;
  /** Further variables, for all services. */
  readonly environment?: Readonly<Partial<Record<ServiceName, Record<string, string>>>>;
  /** Text for nats-server's configuration file: users and their permissions, which `environment` then names. */
  readonly natsConfig?: string;
  /** Told of each step of the start. */
  readonly onStep?: (step: string) => void;
  /** Aborted while it starts: what was started is stopped, and the start rejects with the reason. */
  readonly signal?: AbortSignal;
}

/** A whole K8sTA on this machine: NATS, Redis, a Git server, the Argo CD stand-in and the four services. */
export interface Railway {
  readonly line: Line;
  readonly nats: NatsServer;
  readonly redis: RedisServer;
  readonly git: GitServer;
  readonly repository: Repository;
  readonly argo: ArgoCd;
  /** What the Applications were made from, to make one again. */
  readonly applications: readonly ApplicationSpec[];
  readonly services: Readonly<Record<ServiceName, Service>>;
  /** Only where it was asked for. */
  readonly proxies: { readonly nats: Readonly<Record<ServiceName, TcpProxy>>; readonly redis: TcpProxy } | undefined;
  /** The path of the tracks file. */
  readonly tracks: string;
  /** Where the services' files are; it goes with `stop()`. */
  readonly directory: string;
  /** Starts another process of the service, with the same configuration but for this, and waits until it is ready. */
  replica(name: ServiceName, change?: Record<string, string>): Promise<Service>;
  /** Where Docker Hub would be told to post, secret included. */
  readonly webhookUrl: string;
  stop(): Promise<void>;
}

export async function startRailway(options: RailwayOptions = {}): Promise<Railway> {
  const { line = storefront } = options;
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
    const directory = await temporaryDirectory('railway');
    ends.push(() => directory.remove());
    onStep('nats-server and redis-server');
    const nats = keep(await startNats(options.natsConfig === undefined ? {} : { config: options.natsConfig }));
    const redis = keep(await startRedis());
    onStep('a Git server with the repository "deploy"');
    const git = keep(await startGitServer());
    const repository = await git.createRepository('deploy', { files: repositoryFiles(line) });
    const applications = applicationsOf(line, repository.url);
    onStep('the Argo CD stand-in, which deploys what the repository says');
    const argo = keep(
      await startArgoCd({
        git: { username: git.user, password: git.password },
        applications,
      }),
    );
    await argo.ready();
    const { tracks, environments, webhookUrl } = await configure(directory.path, {
      ...{ line, nats, redis, git, argo },
      deadline: options.deadline ?? '10s',
    });
    const proxies = options.proxied ? await startProxies(nats, redis, keep) : undefined;
    onStep('ingest, tracker, promoter and argo-watcher');
    const replica = async (name: ServiceName, change?: Record<string, string>): Promise<Service> => {
      const through: Record<string, string> = proxies ? throughProxies(name, proxies) : {};
      const environment = { ...environments[name], ...through, ...options.environment?.[name], ...change };
      const entry = pathToFileURL(require.resolve(`@k8sta/${name}`)).href;
      const service = keep(await startService({ name, entry, environment }));
      await Promise.race([service.ready(), aborted]);
      return service;
    };
    // All of them, so that none comes up after a stop that another's failure has led to.
    const started = await Promise.allSettled(names.map(async (name) => [name, await replica(name)] as const));
    const failed = started.find((each) => each.status === 'rejected');
    if (failed) throw failed.reason;
    const services = Object.fromEntries(
      started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])),
    ) as Record<ServiceName, Service>;
    const servers = { nats, redis, git, repository, argo, applications, services, proxies };
    return { line, ...servers, tracks, directory: directory.path, replica, webhookUrl, stop };
  } catch (error) {
    await stop();
    // Whoever aborts does not want to hear what failed because of it.
    options.signal?.throwIfAborted();
    throw error;
  }
}

/** Finds a service's `main` by its package, from source or as built; nothing of it is imported. */
const require = createRequire(import.meta.url);

const names: readonly ServiceName[] = ['ingest', 'tracker', 'promoter', 'argo-watcher'];

type Proxies = NonNullable<Railway['proxies']>;

async function startProxies(
  nats: NatsServer,
  redis: RedisServer,
  keep: <T extends { stop(): Promise<void> }>(server: T) => T,
): Promise<Proxies> {
  const toNats = await Promise.all(names.map(async (name) => [name, keep(await startProxy(nats.port))] as const));
  return { nats: Object.fromEntries(toNats) as Proxies['nats'], redis: keep(await startProxy(redis.port)) };
}

function throughProxies(name: ServiceName, { nats, redis }: Proxies): Record<string, string> {
  const bus = { K8STA_NATS_URL: `nats://127.0.0.1:${nats[name].port}` };
  return name === 'tracker' ? { ...bus, K8STA_REDIS_URL: `redis://127.0.0.1:${redis.port}` } : bus;
}

function applicationsOf(line: Line, repoURL: string): ApplicationSpec[] {
  const names = Object.values(line.stations).flat();
  return names.map((name) => ({ name, repoURL, targetRevision: 'main', path: pathOf(name) }));
}

function pathOf(application: string): string {
  return `apps/${application}`;
}

function repositoryFiles({ track, image, tag, stations }: Line): Record<string, string> {
  const files: Record<string, string> = {
    'README.md': '# What runs where\n\nArgo CD deploys `apps/*`.\n',
    [`base/${track}/kustomization.yaml`]: 'resources:\n- deployment.yaml\n',
    [`base/${track}/deployment.yaml`]: deployment(track, image),
  };
  for (const application of Object.values(stations).flat()) {
    files[`${pathOf(application)}/kustomization.yaml`] = [
      'apiVersion: kustomize.config.k8s.io/v1beta1',
      'kind: Kustomization',
      `namePrefix: ${application}-`,
      'resources:',
      `- ../../base/${track}`,
      'images:',
      `- name: ${image}   # K8sTA writes the next line`,
      `  newTag: "${tag}"`,
      '',
    ].join('\n');
  }
  return files;
}

function deployment(name: string, image: string): string {
  return [
    'apiVersion: apps/v1',
    'kind: Deployment',
    `metadata: {name: ${name}}`,
    'spec:',
    `  selector: {matchLabels: {app: ${name}}}`,
    '  template:',
    `    metadata: {labels: {app: ${name}}}`,
    `    spec: {containers: [{name: ${name}, image: "${image}"}]}`,
    '',
  ].join('\n');
}

function tracksFile({ track, image, stations }: Line, deadline: string): string {
  return [
    'tracks:',
    `- name: ${track}`,
    '  images:',
    `  - repository: ${image}`,
    '  stations:',
    ...Object.entries(stations).map(
      ([name, applications]) =>
        `  - {name: ${name}, deadline: ${deadline}, applications: [${applications.join(', ')}]}`,
    ),
    '',
  ].join('\n');
}

async function configure(
  directory: string,
  parts: { line: Line; deadline: string; nats: NatsServer; redis: RedisServer; git: GitServer; argo: ArgoCd },
): Promise<{ tracks: string; environments: Record<ServiceName, Record<string, string>>; webhookUrl: string }> {
  const { line, deadline, nats, redis, git, argo } = parts;
  const write = async (name: string, text: string): Promise<string> => {
    const path = join(directory, name);
    await writeFile(path, text, { mode: 0o600 });
    return path;
  };
  const tracks = await write('tracks.yaml', tracksFile(line, deadline));
  const webhookSecret = randomBytes(24).toString('hex');
  const secrets = await write('dockerhub-secrets', `${webhookSecret}\n`);
  const credentials = await write(
    'git-credentials.yaml',
    JSON.stringify([{ url: git.url, username: git.user, password: git.password }]),
  );
  const httpPort = await freePort();
  const bus = { K8STA_NATS_URL: nats.url };
  return {
    tracks,
    webhookUrl: `http://127.0.0.1:${httpPort}/webhooks/dockerhub/${webhookSecret}`,
    environments: {
      ingest: {
        ...bus,
        K8STA_TRACKS: tracks,
        K8STA_HTTP_PORT: String(httpPort),
        K8STA_DOCKERHUB_SECRETS_FILE: secrets,
      },
      // Short, as everything here is: nobody wants to watch a grace of two minutes pass.
      tracker: {
        ...bus,
        K8STA_TRACKS: tracks,
        K8STA_REDIS_URL: redis.url,
        K8STA_DEGRADED_GRACE_MS: '1500',
        K8STA_SETTLE_MS: '100',
      },
      promoter: { ...bus, K8STA_GIT_CREDENTIALS_FILE: credentials, K8STA_MIRRORS: join(directory, 'mirrors') },
      'argo-watcher': {
        ...bus,
        KUBECONFIG: argo.kubeconfig,
        K8STA_REFRESH: 'true',
        // A deadline is judged by the first heartbeat after it.
        K8STA_HEARTBEAT_MS: '2000',
      },
    },
  };
}
