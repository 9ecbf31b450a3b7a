import { type Log, logOnce } from '@k8sta/bus';
import { withoutCredentials } from '@k8sta/contracts';
import { ConfigError } from '@k8sta/runtime';
import { sanitizeLine } from '@k8sta/text';
import { Cluster, Redis } from 'ioredis';
import type { Keys } from './keys.js';
import { endpointsOf, type RedisAddress, secretsOf, sentinelSecretsOf } from './redis-address.js';

/** A client of one server, which may be the primary that Sentinels name, or of a cluster. */
export type RedisClient = Redis | Cluster;

/**
 * A client that connects and reconnects until it succeeds. A command while the server is away fails instead of waiting in an
 * invisible queue.
 */
export function openRedis(address: RedisAddress, log: Log): RedisClient {
  const redis = address.mode === 'cluster' ? openCluster(address, log) : openServer(address, log);
  const server = address.urls.map(withoutCredentials).join(', ');
  const once = logOnce(log);
  const failed = (error: Error) => {
    const message = troubleOf(error);
    // Never the error itself: ioredis attaches the command, and the command of a log-in contains the password.
    once.failed(message, { server, message }, 'Redis cannot be used', refusal.test(saidBy(error)) ? 'error' : 'warn');
  };
  redis.on('error', failed);
  redis.on('ready', () => {
    once.recovered({ server }, 'Redis can be used');
  });
  // ioredis retries a failed first attempt.
  redis.connect().catch(() => {});
  return redis;
}

const commandTimeout = 5_000;

function delayOf(times: number): number {
  return Math.min(times * 50, 2_000);
}

function openServer(address: RedisAddress, log: Log): Redis {
  const secrets = () => ({ ...secretsOf(address), ...(address.mode === 'sentinel' ? sentinelSecretsOf(address) : {}) });
  const options = {
    ...{ ...secrets(), commandTimeout, enableOfflineQueue: false, enableAutoPipelining: true, lazyConnect: true },
    retryStrategy(times: number) {
      renew(redis.options, secrets, log);
      return delayOf(times);
    },
  };
  const redis: Redis =
    address.mode === 'sentinel'
      ? new Redis({
          ...options,
          sentinels: endpointsOf(address),
          name: address.sentinelName ?? '',
          enableTLSForSentinelMode: true,
          sentinelRetryStrategy: delayOf,
          sentinelCommandTimeout: commandTimeout,
          // The Sentinels announce a new primary, so that nobody waits for the connection to the old one to break.
          failoverDetector: true,
          // The server was the primary: connect again, to the one that the Sentinels name now.
          reconnectOnError: (error) => error.message.startsWith('READONLY'),
        })
      : new Redis(address.urls[0] ?? '', options);
  return redis;
}

function openCluster(address: RedisAddress, log: Log): Cluster {
  const cluster: Cluster = new Cluster(endpointsOf(address), {
    ...{ enableOfflineQueue: false, enableAutoPipelining: true, lazyConnect: true },
    redisOptions: { ...secretsOf(address), commandTimeout },
    clusterRetryStrategy(times) {
      renew(cluster.options.redisOptions ?? {}, () => secretsOf(address), log);
      return delayOf(times);
    },
  });
  return cluster;
}

function renew(options: object, secrets: () => object, log: Log): void {
  try {
    Object.assign(options, secrets());
  } catch (error) {
    const message = sanitizeLine((error as Error).message);
    log.warn({ message }, 'a file for Redis cannot be read; what it held before is used');
  }
}

/**
 * Calls `work` whenever a server takes writes that may not have all that was acknowledged: after each connection, and after a
 * failover in a cluster, where the connection to the cluster stays.
 */
export function onReturn(redis: RedisClient, work: () => void): void {
  redis.on('ready', work);
  if (!(redis instanceof Cluster)) return;
  let known = primariesOf(redis);
  redis.on('refresh', () => {
    const now = primariesOf(redis);
    const isChange = known !== '' && now !== known;
    known = now;
    if (isChange) work();
  });
}

function primariesOf(cluster: Cluster): string {
  const of = ({ options: { host, port } }: Redis) => `${host}:${port}`;
  return cluster.nodes('master').map(of).sort().join();
}

/** Throws if the server does not take writes, or one of a cluster: it is away, its memory is full, or it is a replica. */
export async function probeRedis(redis: RedisClient, { shards }: Pick<Keys, 'shards'>): Promise<void> {
  if (redis instanceof Cluster && redis.status !== 'ready') {
    throw new RedisFault('Redis: no node of the cluster can be reached');
  }
  await Promise.all(shards.map(({ probe }) => answerOf(redis.set(probe, '1'))));
}

/** Errors of the server or its certificate that a retry does not fix. */
const refusal = /^(WRONGPASS|NOAUTH|NOPERM)|certificate|self-signed|altname/i;

/**
 * Resolves once the server can be used; at the first start of a cluster this may take a while. Throws a ConfigError if the
 * server refuses us.
 */
export function untilReady(redis: RedisClient): Promise<void> {
  return new Promise((resolve, reject) => {
    if (redis.status === 'ready') resolve();
    redis.once('ready', () => {
      redis.off('error', onError);
      resolve();
    });
    const onError = (error: Error) => {
      if (refusal.test(saidBy(error))) reject(new ConfigError([`Redis cannot be used: ${troubleOf(error)}`]));
    };
    redis.on('error', onError);
  });
}

/** Redis failed a command. `code` marks it as an expected error, not a bug. */
export class RedisFault extends Error {
  override readonly name = 'RedisFault';
  readonly code = 'REDIS';
}

/** Waits for an answer of Redis. Throws a {@link RedisFault} with a message but without the command, which contains whole documents. */
export async function answerOf<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw new RedisFault(`Redis: ${troubleOf(error as Error)}`);
  }
}

const advice: readonly (readonly [RegExp, string])[] = [
  [/^NOAUTH/, 'it asks for a password: see K8STA_REDIS_PASSWORD_FILE'],
  [/^WRONGPASS/, 'it does not accept the user or the password: see K8STA_REDIS_USER and K8STA_REDIS_PASSWORD_FILE'],
  [/^NOPERM/, 'the user may not do this: grant it in the ACL of Redis'],
  [/^READONLY/, 'it is a read-only replica: K8STA_REDIS_URL has to lead to the primary'],
  [/^CLUSTERDOWN/, 'the cluster has no primary for some of the keys'],
  [/^MOVED/, 'it is a node of a cluster: set K8STA_REDIS_MODE to "cluster"'],
  [/^OOM/, 'its memory is full: raise its maxmemory'],
  [/^MISCONF/, 'it cannot write to its disk and takes nothing until it can'],
  [/certificate|self-signed|altname/i, 'its certificate is not trusted: see K8STA_REDIS_CA_FILE'],
  [/Unknown RESP type/, 'the server there is not Redis'],
  [/isn't writeable|Connection is closed/, 'it is away'],
  [/Command timed out/, 'no answer in time'],
];

/** A cluster says only that it failed; the error of a node says why. */
function saidBy(error: Error): string {
  const { lastNodeError } = error as Error & { lastNodeError?: Error | null };
  return (lastNodeError ?? error).message;
}

function troubleOf(error: Error): string {
  const said = sanitizeLine(saidBy(error), 200);
  const meaning = advice.find(([pattern]) => pattern.test(said))?.[1];
  return meaning === undefined ? said : `${meaning} (${said})`;
}
