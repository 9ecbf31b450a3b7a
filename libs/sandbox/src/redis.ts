import { mkdir } from 'node:fs/promises';
import { Redis } from 'ioredis';
import { admin, type Login, loginIn, redisUsers } from './deployed.js';
import { temporaryDirectory } from './directory.js';
import { startInSteps } from './ends.js';
import { Refusals } from './refusals.js';
import { type Server, startServer } from './server.js';

export interface RedisOptions {
  /** The folder of the append-only file; `stop()` keeps it. Default: a temporary folder, which `stop()` removes. */
  directory?: string;
  port?: number;
  /** Settings of redis.conf that replace or join ours, such as `{appendfsync: 'everysec'}`. */
  settings?: Record<string, string>;
}

export type RedisServer = Server;

/** A redis-server with the settings and users of deploy/. */
export interface DeployedRedis extends RedisServer {
  /** Throws if the user does not exist. */
  as(user: string): Login;
  /** The variables of the tracker that say where it is. */
  readonly environment: Readonly<Record<string, string>>;
  /** A client of the user that may do everything; the caller disconnects it. */
  client(): Redis;
  /** What it has refused to which user so far, and the errors when it read its append-only file. */
  refusals(): Promise<string[]>;
}

/** The settings that K8sTA requires of its Redis; see docs/reliability.md. */
const durable = { appendonly: 'yes', appendfsync: 'always', 'maxmemory-policy': 'noeviction', save: '' };

/** A real redis-server on 127.0.0.1, with the durability that K8sTA requires unless `settings` differs. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  return startRedisServer({ ...options, settings: { ...durable, ...options.settings } }, undefined, () => {});
}

/** A real redis-server with the settings and users of deploy/ and new passwords. */
export async function startDeployedRedis(): Promise<DeployedRedis> {
  return startInSteps(async (ends) => {
    const users = await temporaryDirectory('redis-users');
    ends.add(() => users.remove());
    const { settings, logins } = await redisUsers(users.path);
    const trouble = redisTroubles();
    const server = await startRedisServer(
      { settings },
      () => users.remove(),
      (line) => trouble.read(line),
    );
    const { as, clientOf, refusalsOf } = accessTo(logins, trouble);
    return Object.assign(server, {
      as,
      environment: { K8STA_REDIS_URL: server.url },
      client: () => clientOf(server),
      refusals: () => refusalsOf([server]),
    });
  });
}

/** Redis logs this if it refuses a command of the append-only file (redis#14541), and for a bug. */
export function redisTroubles(): Refusals {
  return new Refusals('redis-server', /(== CRITICAL ==.*|REDIS BUG REPORT|Bad file format.*)/);
}

/** How one reaches the nodes of a Redis with these users. */
export function accessTo(logins: Readonly<Record<string, Login>>, trouble: Refusals) {
  const as = (user: string) => loginIn('redis-server', logins, user);
  const clientOf = ({ url }: Pick<Server, 'url'>) => {
    const { user: username, pass: password } = as(admin);
    // While the server is down, each attempt to connect is an error, which ioredis prints if there is no listener.
    return new Redis(url, { username, password }).on('error', () => {});
  };
  return {
    as,
    /** A client of the user that may do everything; the caller disconnects it. */
    clientOf,
    /** What the nodes have refused to which user so far, and the trouble in their logs. */
    async refusalsOf(nodes: readonly Server[]): Promise<string[]> {
      const running = nodes.filter(({ isRunning }) => isRunning);
      return [...(await Promise.all(running.map((node) => deniedBy(clientOf(node))))).flat(), ...trouble.list()];
    },
  };
}

/** The entries of `ACL LOG`, which a restart clears. Disconnects the client. */
async function deniedBy(redis: Redis): Promise<string[]> {
  try {
    const entries = (await redis.call('ACL', 'LOG')) as (string | number)[][];
    return entries.map((entry) => {
      const field = (name: string) => entry[entry.indexOf(name) + 1];
      return `redis-server: ${field('username')} may not use the ${field('reason')} ${field('object')}`;
    });
  } finally {
    redis.disconnect();
  }
}

export const redisInstall =
  'install redis-server (Debian: apt-get install redis-server; https://redis.io/docs/latest/operate/oss_and_stack/install)';

/** Starts a redis-server; `remove` removes further files when it stops, and `onLine` gets each line of its log. */
export async function startRedisServer(
  options: RedisOptions,
  remove: (() => Promise<void>) | undefined,
  onLine: (line: string) => void,
): Promise<RedisServer> {
  const temporary = await temporaryDirectory('redis');
  const directory = options.directory ?? temporary.path;
  await mkdir(directory, { recursive: true });
  const settings = Object.entries({ ...options.settings, dir: directory, bind: '127.0.0.1' });
  return startServer({
    scheme: 'redis',
    port: options.port,
    launch: (port) => ({
      command: 'redis-server',
      args: ['--port', String(port), ...settings.flatMap(([name, value]) => [`--${name}`, value])],
      install: redisInstall,
      ready: { output: (text) => text.includes('Ready to accept connections') },
      onLine,
    }),
    async removeData() {
      await temporary.remove();
      await remove?.();
    },
  });
}
