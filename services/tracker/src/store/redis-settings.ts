import { sanitizeLine } from '@k8sta/text';
import { Redis } from 'ioredis';
import type { RedisClient } from './redis-connection.js';

/** The settings with which Redis keeps what it acknowledged after a crash, and why. */
const wanted: Record<string, { value: string; why: string }> = {
  appendonly: { value: 'yes', why: 'without it a restart loses every Ticket since the last snapshot' },
  appendfsync: {
    value: 'always',
    why: 'with everysec a crash loses up to a second of decisions that were acknowledged',
  },
  'maxmemory-policy': { value: 'noeviction', why: 'any other policy may drop a Track silently' },
};

/** The wrong settings of the servers that hold or may take over our keys, one sentence each; an empty list if there are none. */
export async function settingFaults(redis: RedisClient): Promise<string[]> {
  const { nodes, close } = await nodesOf(redis);
  try {
    const found = await Promise.all(nodes.map((node) => faultsOf(node, nodes.length > 1 ? nameOf(node) : 'Redis')));
    return found.flat();
  } finally {
    close();
  }
}

function nameOf({ options: { host, port } }: Redis): string {
  return `Redis ${host}:${port}`;
}

/** All nodes of a cluster; with Sentinels the primary and its replicas, each of which may become the primary. */
async function nodesOf(redis: RedisClient): Promise<{ nodes: readonly Redis[]; close(): void }> {
  if (!(redis instanceof Redis)) return { nodes: redis.nodes('all'), close() {} };
  if (!redis.options.sentinels) return { nodes: [redis], close() {} };
  // Without the permission to ask there are no replicas to see.
  const info = await redis.info('replication').catch(() => '');
  const replicas = [...info.matchAll(/^slave\d+:ip=([^,]+),port=(\d+)/gm)].map(([, host, port]) =>
    redis
      .duplicate({ ...{ sentinels: undefined, host: host ?? '', port: Number(port) }, retryStrategy: () => null })
      .on('error', () => {}),
  );
  await Promise.all(replicas.map((replica) => replica.connect().catch(() => {})));
  const close = () => {
    for (const replica of replicas) replica.disconnect();
  };
  return { nodes: [redis, ...replicas], close };
}

async function faultsOf(node: Redis, name: string): Promise<string[]> {
  const faults: string[] = [];
  for (const [setting, { value, why }] of Object.entries(wanted)) {
    try {
      const [, found] = (await node.config('GET', setting)) as [string, string];
      if (found !== value)
        faults.push(`${name} has ${setting} ${found}, it has to be ${value} (CONFIG SET, and in redis.conf): ${why}`);
    } catch (error) {
      faults.push(
        `${name} does not report its ${setting} (${sanitizeLine((error as Error).message)}); it must be ${value}: ${why}`,
      );
    }
  }
  return faults;
}
