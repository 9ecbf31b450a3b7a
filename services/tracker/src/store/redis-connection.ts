import { readFileSync } from 'node:fs';
import { type Log, logOnce } from '@k8sta/bus';
import { withoutCredentials } from '@k8sta/contracts';
import { ConfigError } from '@k8sta/runtime';
import { sanitizeLine } from '@k8sta/text';
import { Redis } from 'ioredis';

/** The address of the server, and the user. Files are read again for each connection, because secrets rotate. */
export interface RedisAddress {
  /** `redis://`, or `rediss://` for an encrypted connection. */
  readonly url: string;
  readonly user?: string | undefined;
  readonly passwordFile?: string | undefined;
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

/**
 * A client that connects and reconnects until it succeeds. A command while the server is away fails instead of waiting in an
 * invisible queue.
 */
export function openRedis(address: RedisAddress, log: Log): Redis {
  const redis: Redis = new Redis(address.url, {
    ...secretsOf(address),
    commandTimeout: 5_000,
    enableOfflineQueue: false,
    enableAutoPipelining: true,
    lazyConnect: true,
    retryStrategy(times) {
      try {
        Object.assign(redis.options, secretsOf(address));
      } catch (error) {
        const reason = sanitizeLine((error as Error).message);
        log.warn({ reason }, 'a file for Redis cannot be read; what it held before is used');
      }
      return Math.min(times * 50, 2_000);
    },
  });
  const server = withoutCredentials(address.url);
  const once = logOnce(log);
  redis.on('error', (error: Error) => {
    const reason = troubleOf(error);
    // Never the error itself: ioredis attaches the command, and the command of a log-in contains the password.
    once.failed(reason, { server, reason }, 'Redis cannot be used', refusal.test(error.message) ? 'error' : 'warn');
  });
  redis.on('ready', () => {
    once.recovered({ server }, 'Redis can be used');
  });
  // ioredis retries a failed first attempt.
  redis.connect().catch(() => {});
  return redis;
}

/** Errors of the server or its certificate that a retry does not fix. */
const refusal = /^(WRONGPASS|NOAUTH|NOPERM)|certificate|self-signed|altname/i;

/**
 * Resolves once the server can be used; at the first start of a cluster this may take a while. Throws a ConfigError if the
 * server refuses us.
 */
export function untilReady(redis: Redis): Promise<void> {
  return new Promise((resolve, reject) => {
    if (redis.status === 'ready') resolve();
    redis.once('ready', () => {
      redis.off('error', onError);
      resolve();
    });
    const onError = (error: Error) => {
      if (refusal.test(error.message)) reject(new ConfigError([`Redis cannot be used: ${troubleOf(error)}`]));
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
  [/^OOM/, 'its memory is full: raise its maxmemory'],
  [/^MISCONF/, 'it cannot write to its disk and takes nothing until it can'],
  [/certificate|self-signed|altname/i, 'its certificate is not trusted: see K8STA_REDIS_CA_FILE'],
  [/Unknown RESP type/, 'the server there is not Redis'],
  [/isn't writeable|Connection is closed/, 'it is away'],
  [/Command timed out/, 'no answer in time'],
];

function troubleOf({ message }: Error): string {
  const said = sanitizeLine(message, 200);
  const meaning = advice.find(([pattern]) => pattern.test(said))?.[1];
  return meaning === undefined ? said : `${meaning} (${said})`;
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
