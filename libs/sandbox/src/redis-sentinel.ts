import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { admin, type Login, redisUsers } from './deployed.js';
import { temporaryDirectory } from './directory.js';
import { startInSteps } from './ends.js';
import {
  accessTo,
  type DeployedRedis,
  type RedisServer,
  redisInstall,
  redisTroubles,
  startRedisServer,
} from './redis.js';
import { type Server, startServer } from './server.js';
import { asOneServer, startAll } from './several.js';
import { until } from './until.js';

/** A primary, two replicas and three Sentinels as one server: `kill`, `restart` and `stop` concern all of them. */
export interface RedisSentinel extends DeployedRedis {
  readonly nodes: readonly RedisServer[];
  readonly sentinels: readonly Server[];
  /** The node that is the primary by what a Sentinel says. */
  primary(): Promise<RedisServer>;
  /** Lets no replica follow the primary, so that a failover loses what is written from now on. Failovers still happen. */
  stopReplication(): Promise<void>;
}

/** The name under which the Sentinels know the primary. */
const group = 'k8sta';

/** The tracker's permissions in a Sentinel: docs/install.md lists them. */
export const sentinelPermissions =
  'allchannels -@all +ping +info +role +subscribe +client|setname +client|getname +client|id +sentinel|get-master-addr-by-name +sentinel|sentinels';

/** As Redis documents it: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/ */
const users = {
  nodes: [
    'user replica on >replica +psync +replconf +ping',
    'user sentinel on >sentinel allchannels +multi +slaveof +ping +exec +subscribe +config|rewrite +role +publish +info +client|setname +client|kill +script|kill',
  ],
  sentinels: ({ user, pass }: Login) => [
    'user default off',
    'user sentinel on >sentinel allchannels +@all',
    `user ${user} on >${pass} ${sentinelPermissions}`,
  ],
};

/** How long the primary may not answer before the Sentinels replace it, in milliseconds: short, for tests. */
const downAfterMs = 1_000;

/** Redis with automatic failover, with the settings and users of deploy/ on every node. Resolves once every Sentinel knows all others. */
export async function startRedisSentinel(): Promise<RedisSentinel> {
  return startInSteps(async (ends) => {
    const directory = await temporaryDirectory('redis-sentinel');
    ends.add(() => directory.remove());
    const { settings, logins } = await redisUsers(directory.path, users.nodes);
    const trouble = redisTroubles();
    const access = accessTo(logins, trouble);
    const startNode = (primary?: RedisServer) => {
      const following: Record<string, string> = primary ? { replicaof: `127.0.0.1 ${primary.port}` } : {};
      // Otherwise the first copy for a replica begins after five seconds.
      const replication = { masteruser: 'replica', masterauth: 'replica', 'repl-diskless-sync-delay': '0' };
      return startRedisServer({ settings: { ...settings, ...replication, ...following } }, undefined, (line) =>
        trouble.read(line),
      );
    };
    const first = ends.keep(await startNode());
    const replicas = await startAll([1, 2].map(() => () => startNode(first)));
    for (const replica of replicas) ends.keep(replica);
    const startOne = (name: string) => () => startSentinel(directory.path, name, first.port, access.as('tracker'));
    const sentinels = await startAll(['a', 'b', 'c'].map(startOne));
    for (const sentinel of sentinels) ends.keep(sentinel);
    await until(() => all(sentinels, knowsAll), { what: 'three Sentinels that know each other', deadlineMs: 20_000 });
    return sentinelOf([first, ...replicas], sentinels, access, () => directory.remove());
  });
}

function sentinelOf(
  nodes: readonly RedisServer[],
  sentinels: readonly Server[],
  { as, clientOf, refusalsOf }: ReturnType<typeof accessTo>,
  removeData: () => Promise<void>,
): RedisSentinel {
  const primary = async () => {
    const answers = await Promise.all(sentinels.filter(({ isRunning }) => isRunning).map(primaryPort));
    const found = nodes.find(({ port }) => port === answers.find((answer) => answer !== undefined));
    if (!found) throw new Error('no Sentinel says which node is the primary');
    return found;
  };
  const url = sentinels.map((sentinel) => sentinel.url.replace('sentinel:', 'redis:')).join(',');
  const { username, password } = { username: admin, password: as(admin).pass };
  return Object.assign(asOneServer([...nodes, ...sentinels], removeData), {
    ...{ url, nodes, sentinels, primary, as },
    environment: {
      ...{ K8STA_REDIS_URL: url, K8STA_REDIS_MODE: 'sentinel', K8STA_REDIS_SENTINEL_NAME: group },
      K8STA_REDIS_SENTINEL_USER: as('tracker').user,
      K8STA_REDIS_SENTINEL_PASSWORD_FILE: as('tracker').passwordFile,
    },
    client: () =>
      new Redis({
        ...{ username, password, name: group, sentinelUsername: 'sentinel', sentinelPassword: 'sentinel' },
        sentinels: sentinels.map(({ port }) => ({ host: '127.0.0.1', port })),
      }).on('error', () => {}),
    async stopReplication() {
      const client = clientOf(await primary());
      await client.call('ACL', 'SETUSER', 'replica', 'off');
      await client.call('CLIENT', 'KILL', 'TYPE', 'replica');
      client.disconnect();
    },
    refusals: () => refusalsOf(nodes),
  });
}

async function startSentinel(directory: string, name: string, primary: number, client: Login): Promise<Server> {
  const file = join(directory, `sentinel-${name}.conf`);
  const lines = [
    ...users.sentinels(client),
    ...['sentinel sentinel-user sentinel', 'sentinel sentinel-pass sentinel'],
    `sentinel monitor ${group} 127.0.0.1 ${primary} 2`,
    ...[`sentinel auth-user ${group} sentinel`, `sentinel auth-pass ${group} sentinel`],
    `sentinel down-after-milliseconds ${group} ${downAfterMs}`,
    `sentinel failover-timeout ${group} 10000`,
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  return startServer({
    scheme: 'sentinel',
    port: undefined,
    launch: (port) => ({
      command: 'redis-server',
      args: [file, '--sentinel', '--port', String(port), '--bind', '127.0.0.1', '--dir', directory],
      install: redisInstall,
      ready: { output: (text) => text.includes('+monitor master') },
    }),
    removeData: async () => {},
  });
}

async function all<T>(items: readonly T[], holds: (item: T) => Promise<boolean>): Promise<boolean> {
  return (await Promise.all(items.map(holds))).every(Boolean);
}

async function askSentinel<T>({ port }: Server, question: readonly string[], read: (answer: unknown) => T) {
  const sentinel = new Redis(port, '127.0.0.1', {
    ...{ username: 'sentinel', password: 'sentinel', retryStrategy: () => null, enableReadyCheck: false },
  }).on('error', () => {});
  try {
    return read(await sentinel.call('SENTINEL', ...question));
  } catch {
    return undefined;
  } finally {
    sentinel.disconnect();
  }
}

async function knowsAll(sentinel: Server): Promise<boolean> {
  const count = (answer: unknown) => (answer as unknown[]).length;
  const others = await askSentinel(sentinel, ['sentinels', group], count);
  const replicas = await askSentinel(sentinel, ['replicas', group], count);
  return others === 2 && replicas === 2;
}

async function primaryPort(sentinel: Server): Promise<number | undefined> {
  return askSentinel(sentinel, ['get-master-addr-by-name', group], (answer) => Number((answer as string[])[1]));
}
