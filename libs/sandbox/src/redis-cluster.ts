import type { Redis } from 'ioredis';
import { redisUsers } from './deployed.js';
import { temporaryDirectory } from './directory.js';
import { startInSteps } from './ends.js';
import { freePort } from './port.js';
import { accessTo, type DeployedRedis, type RedisServer, redisTroubles, startRedisServer } from './redis.js';
import { asOneServer, startAll } from './several.js';
import { until } from './until.js';

/** A Redis Cluster as one server: `kill`, `restart` and `stop` concern all nodes. */
export interface RedisCluster extends DeployedRedis {
  /** Each primary of the start, and after all of them a replica of each in the same order, if there are any. */
  readonly nodes: readonly RedisServer[];
  /** A client of one node, of the user that may do everything; the caller disconnects it. */
  clientOf(node: RedisServer): Redis;
}

const slots = 16_384;
const primaryCount = 3;

/** The tracker's permissions in a cluster, besides those of deploy/: docs/install.md lists them. */
export const clusterPermissions = '+cluster|slots +cluster|info +readonly +readwrite +asking +client|setname';

/** Three primaries, and a replica of each if `replicated`, with the settings and users of deploy/. Resolves once it takes commands. */
export async function startRedisCluster({ replicated = false } = {}): Promise<RedisCluster> {
  return startInSteps(async (ends) => {
    const directory = await temporaryDirectory('redis-cluster');
    ends.add(() => directory.remove());
    const { settings, logins } = await redisUsers(
      directory.path,
      ['user replica on >replica +psync +replconf +ping'],
      clusterPermissions,
    );
    const trouble = redisTroubles();
    const { as, clientOf, refusalsOf } = accessTo(logins, trouble);
    const count = primaryCount * (replicated ? 2 : 1);
    const ports = await Promise.all(Array.from({ length: count }, freePort));
    const start = (busPort: number) => () =>
      startRedisServer(
        {
          settings: {
            ...{
              ...settings,
              'cluster-enabled': 'yes',
              'cluster-port': String(busPort),
              'cluster-node-timeout': '1000',
            },
            ...{ masteruser: 'replica', masterauth: 'replica', 'repl-diskless-sync-delay': '0' },
          },
        },
        undefined,
        (line) => trouble.read(line),
      );
    const nodes = await startAll(ports.map(start));
    const cluster = ends.keep(asOneServer(nodes, () => directory.remove()));
    await form(nodes.map((node, at) => ({ client: clientOf(node), port: node.port, busPort: ports[at] ?? 0 })));
    return Object.assign(cluster, {
      ...{ nodes, as, clientOf },
      client: (): never => {
        throw new Error('a cluster has a client of each node: see clientOf');
      },
      environment: { K8STA_REDIS_URL: cluster.url, K8STA_REDIS_MODE: 'cluster' },
      refusals: () => refusalsOf(nodes),
    });
  });
}

interface Member {
  readonly client: Redis;
  readonly port: number;
  readonly busPort: number;
}

/** Joins the nodes, divides the slots among the primaries, and gives each its replica. */
async function form(members: readonly Member[]): Promise<void> {
  const [first] = members as [Member];
  try {
    for (const { port, busPort } of members.slice(1))
      await first.client.call('CLUSTER', 'MEET', '127.0.0.1', port, busPort);
    for (const [at, { client }] of members.slice(0, primaryCount).entries()) {
      const [from, end] = [at, at + 1].map((share) => Math.floor((share * slots) / primaryCount)) as [number, number];
      await client.call('CLUSTER', 'ADDSLOTSRANGE', from, end - 1);
    }
    const everybody = async (client: Redis) => {
      const nodes = String(await client.call('CLUSTER', 'NODES'));
      return nodes.trim().split('\n').length === members.length && !/handshake|fail/.test(nodes);
    };
    await everywhere(members, everybody, 'every node knowing the others');
    for (const [at, { client }] of members.slice(primaryCount).entries()) {
      const primary = await members[at]?.client.call('CLUSTER', 'MYID');
      await client.call('CLUSTER', 'REPLICATE', String(primary));
    }
    await everywhere(members, async (client) => /cluster_state:ok/.test(await client.cluster('INFO')), 'the cluster');
    const isReplicated = async (client: Redis) =>
      /role:master|master_link_status:up/.test(await client.info('replication'));
    await everywhere(members, isReplicated, 'the replicas');
  } finally {
    for (const { client } of members) client.disconnect();
  }
}

async function everywhere(
  members: readonly Member[],
  holds: (client: Redis) => Promise<boolean>,
  what: string,
): Promise<void> {
  const all = async () => (await Promise.all(members.map(({ client }) => holds(client)))).every(Boolean);
  await until(all, { what, deadlineMs: 20_000 });
}
