import { readFileSync } from 'node:fs';
import { ConfigError } from '@k8sta/runtime';

/** How one finds the server that takes writes: at the address, by asking Sentinels, or from a node of a cluster. */
export const redisModes = ['single', 'sentinel', 'cluster'] as const;

/** The addresses of the server, and the user. Files are read again for each connection, because secrets rotate. */
export interface RedisAddress {
  /** `redis://`, or `rediss://` for encrypted connections: one server, or the Sentinels, or some nodes of the cluster. */
  readonly urls: readonly string[];
  /** Default: single. */
  readonly mode?: (typeof redisModes)[number] | undefined;
  /** The name under which the Sentinels know the primary. */
  readonly sentinelName?: string | undefined;
  readonly sentinelUser?: string | undefined;
  readonly sentinelPasswordFile?: string | undefined;
  readonly user?: string | undefined;
  readonly passwordFile?: string | undefined;
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

/** Throws a {@link ConfigError} if the parts contradict each other. Its message repeats no address, which may contain a password. */
export function checkAddress({ urls, mode = 'single' }: RedisAddress): void {
  const faults: string[] = [];
  if (mode === 'single' && urls.length > 1)
    faults.push('K8STA_REDIS_URL has several addresses: K8STA_REDIS_MODE must be "sentinel" or "cluster"');
  if (new Set(urls.map((url) => new URL(url).protocol)).size > 1)
    faults.push('K8STA_REDIS_URL must have redis:// for all addresses, or rediss:// for all');
  const hasMore = (url: string) => {
    const { username, password, pathname } = new URL(url);
    return `${username}${password}${pathname.replace('/', '')}` !== '';
  };
  if (mode !== 'single' && urls.some(hasMore))
    faults.push(`with K8STA_REDIS_MODE "${mode}", K8STA_REDIS_URL has hosts and ports only: see K8STA_REDIS_USER`);
  if (faults.length > 0) throw new ConfigError(faults);
}

/** Hosts and ports, as ioredis takes them. */
export function endpointsOf({ urls, mode }: RedisAddress): { host: string; port: number }[] {
  return urls.map((url) => {
    const { hostname, port } = new URL(url);
    return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || (mode === 'sentinel' ? 26_379 : 6_379)) };
  });
}

/** The user, the password and the certificates of a Redis server. */
export function secretsOf(address: RedisAddress) {
  const { user, passwordFile } = address;
  return {
    ...(user === undefined ? {} : { username: user }),
    ...(passwordFile ? { password: read(passwordFile).trim() } : {}),
    ...tlsOf(address, 'tls'),
  };
}

/** The same of the Sentinels. They have the certificates of the servers. */
export function sentinelSecretsOf(address: RedisAddress) {
  const { sentinelUser: user, sentinelPasswordFile: passwordFile } = address;
  return {
    ...(user === undefined ? {} : { sentinelUsername: user }),
    ...(passwordFile ? { sentinelPassword: read(passwordFile).trim() } : {}),
    ...tlsOf(address, 'sentinelTLS'),
  };
}

function tlsOf({ urls, caFile, certFile, keyFile }: RedisAddress, name: 'tls' | 'sentinelTLS') {
  if (!urls[0]?.startsWith('rediss:')) return {};
  return {
    [name]: {
      ...(caFile ? { ca: read(caFile) } : {}),
      ...(certFile ? { cert: read(certFile) } : {}),
      ...(keyFile ? { key: read(keyFile) } : {}),
    },
  };
}

function read(path: string): string {
  return readFileSync(path, 'utf8');
}
