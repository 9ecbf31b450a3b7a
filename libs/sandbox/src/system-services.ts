import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Ends } from './ends.js';
import type { DeployedNats } from './nats.js';
import { freePort } from './port.js';
import type { DeployedRedis } from './redis.js';
import { Refusals } from './refusals.js';
import { type Service, startService } from './service.js';
import type { ServiceName } from './system-configuration.js';
import type { SystemOptions } from './system-options.js';
import { startProxy, type TcpProxy } from './tcp-proxy.js';

/** Between the services and their servers. */
export interface Proxies {
  readonly nats: Readonly<Record<ServiceName, TcpProxy>>;
  readonly redis: TcpProxy;
}

interface Surroundings {
  readonly nats: DeployedNats;
  readonly proxies: Proxies | undefined;
  /** The path of the tracks file. */
  readonly tracks: string;
  readonly environments: Readonly<Record<ServiceName, Record<string, string>>>;
  readonly ends: Ends;
  readonly options: Pick<SystemOptions, 'versions' | 'environment' | 'onLine' | 'signal'>;
}

const names: readonly ServiceName[] = ['ingest', 'tracker', 'promoter', 'argo-watcher'];

/** Finds a service's `main` by its package, as source or built, without importing it. */
const require = createRequire(import.meta.url);

/** What the clients of NATS and Redis log when the server refuses them something. */
const refused = /(NOPERM[^"]*|Permissions Violation for \w+ to \\?"[^"\\]*)/;

/** Starts our own services in a system. */
export class SystemServices {
  readonly #around: Surroundings;
  readonly #refusals = new Map<string, Refusals>();
  readonly #aborted: Promise<never>;

  constructor(around: Surroundings) {
    this.#around = around;
    const { signal } = around.options;
    this.#aborted = new Promise<never>((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    this.#aborted.catch(() => {});
  }

  /** Starts each of the four. */
  async startAll(): Promise<Record<ServiceName, Service>> {
    // Wait for all, so that no service starts after the stop that another one's failure causes.
    const started = await Promise.allSettled(names.map(async (name) => [name, await this.start(name)] as const));
    const failed = started.find((each) => each.status === 'rejected');
    if (failed) throw failed.reason;
    const services = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    return Object.fromEntries(services) as Record<ServiceName, Service>;
  }

  /** Starts a process of the service with this change of its variables, and waits until it is ready. */
  async start(name: ServiceName, change?: Record<string, string>): Promise<Service> {
    const { environments, options, proxies } = this.#around;
    const through: Record<string, string> = proxies ? throughProxies(name, proxies) : {};
    const environment = { ...environments[name], ...through, ...options.environment?.[name], ...change };
    const folder = options.versions?.[name];
    const from = folder === undefined ? require : createRequire(join(folder, 'package.json'));
    return this.#run(name, from.resolve(`@k8sta/${name}`), environment);
  }

  /** Starts a board, waits until it is ready, and returns its address. */
  async startBoard(environment: Readonly<Record<string, string>> = {}): Promise<string> {
    const { nats, tracks } = this.#around;
    const port = environment['K8STA_HTTP_PORT'] ?? String(await freePort());
    const { user, passwordFile } = nats.as('board');
    const bus = { K8STA_NATS_URL: nats.url, K8STA_NATS_USER: user, K8STA_NATS_PASSWORD_FILE: passwordFile };
    const own = { ...bus, K8STA_TRACKS: tracks, K8STA_HTTP_PORT: port, ...environment };
    await this.#run('board', require.resolve('@k8sta/board-service'), own);
    return `http://127.0.0.1:${port}`;
  }

  /** What NATS and Redis have refused to the services so far, by what the services log. */
  refusals(): string[] {
    return [...this.#refusals.values()].flatMap((each) => each.list());
  }

  async #run(name: string, main: string, environment: Record<string, string>): Promise<Service> {
    const { ends, options } = this.#around;
    const refusals = this.#refusals.get(name) ?? new Refusals(name, refused);
    this.#refusals.set(name, refusals);
    const onLine = (line: string) => {
      refusals.read(line);
      options.onLine?.(line);
    };
    const service = ends.keep(await startService({ name, entry: pathToFileURL(main).href, environment, onLine }));
    await Promise.race([service.ready(), this.#aborted]);
    return service;
  }
}

/** A proxy to NATS for each service, and one to Redis. */
export async function startProxies(nats: DeployedNats, redis: DeployedRedis, ends: Ends): Promise<Proxies> {
  const toNats = await Promise.all(names.map(async (name) => [name, ends.keep(await startProxy(nats.port))] as const));
  return { nats: Object.fromEntries(toNats) as Proxies['nats'], redis: ends.keep(await startProxy(redis.port)) };
}

function throughProxies(name: ServiceName, { nats, redis }: Proxies): Record<string, string> {
  const bus = { K8STA_NATS_URL: `nats://127.0.0.1:${nats[name].port}` };
  return name === 'tracker' ? { ...bus, K8STA_REDIS_URL: `redis://127.0.0.1:${redis.port}` } : bus;
}
