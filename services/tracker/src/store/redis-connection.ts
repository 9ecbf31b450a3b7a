import { readFileSync } from 'node:fs';
import type { Log } from '@k8sta/bus';
import { ConfigError } from '@k8sta/runtime';
import { Redis } from 'ioredis';

/** Where the server is, and as whom to connect. Files are read again for each connection: they may have rotated. */
export interface RedisAddress {
  /** `redis://`, or `rediss://` where the connection is to be encrypted. */
  readonly url: string;
  readonly user?: string | undefined;
  readonly passwordFile?: string | undefined;
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

/**
 * A client that connects, and connects again, for as long as it takes. A command while the server is away fails instead
 * of waiting in a queue that nobody sees.
 */
export function openRedis(address: RedisAddress, log: Log): Redis {
  const redis: Redis = new Redis(address.url, {
    ...secretsOf(address),
    commandTimeout: 5_000,
    enableOfflineQueue: false,
    lazyConnect: true,
    retryStrategy(times) {
      try {
        Object.assign(redis.options, secretsOf(address));
      } catch (error) {
        log.warn({ err: error }, 'a file for Redis cannot be read; what it held before is used');
      }
      return Math.min(times * 50, 2_000);
    },
  });
  redis.on('error', (error) => log.warn({ err: error }, 'redis'));
  // A first attempt that fails is followed by others.
  redis.connect().catch(() => {});
  return redis;
}

/** What the server or its certificate says that no further attempt will change. */
const refusal = /^(WRONGPASS|NOAUTH|NOPERM)|certificate|self-signed|altname/i;

/**
 * Resolves once the server can be used; at the first start of a cluster that may take a while. Throws a ConfigError
 * when it is there and refuses us.
 */
export function untilReady(redis: Redis): Promise<void> {
  return new Promise((resolve, reject) => {
    if (redis.status === 'ready') resolve();
    redis.once('ready', () => {
      redis.off('error', onError);
      resolve();
    });
    const onError = ({ message }: Error) => {
      if (refusal.test(message)) reject(new ConfigError([`Redis cannot be used: ${message}`]));
    };
    redis.on('error', onError);
  });
}

function secretsOf({ url, user, passwordFile, caFile, certFile, keyFile }: RedisAddress) {
  const read = (path: string) => readFileSync(path, 'utf8');
  const encrypted = url.startsWith('rediss:');
  return {
    ...(user === undefined ? {} : { username: user }),
    ...(passwordFile ? { password: read(passwordFile).trim() } : {}),
    ...(encrypted
      ? {
          tls: {
            ...(caFile ? { ca: read(caFile) } : {}),
            ...(certFile ? { cert: read(certFile) } : {}),
            ...(keyFile ? { key: read(keyFile) } : {}),
          },
        }
      : {}),
  };
}
