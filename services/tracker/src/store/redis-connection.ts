import type { Log } from '@k8sta/bus';
import { Redis } from 'ioredis';

/**
 * A client that connects, and connects again, for as long as it takes. A command while the server is away fails instead
 * of waiting in a queue that nobody sees.
 */
export function openRedis(url: string, log: Log): Redis {
  const redis = new Redis(url, { commandTimeout: 5_000, enableOfflineQueue: false, lazyConnect: true });
  redis.on('error', (error) => log.warn({ err: error }, 'redis'));
  // A first attempt that fails is followed by others.
  redis.connect().catch(() => {});
  return redis;
}

/** Resolves once the server can be used; at the first start of a cluster that may take a while. */
export function untilReady(redis: Redis): Promise<void> {
  return new Promise((resolve) => {
    if (redis.status === 'ready') resolve();
    else redis.once('ready', () => resolve());
  });
}
