import { label } from '@k8sta/contracts';
import { type ConfigOf, commonOptions, file, integer, list, type Options, oneOf, option } from '@k8sta/runtime';
import { z } from 'zod';
import type { Policy } from './ride/policy.js';
import { checkAddress, type RedisAddress, redisModes } from './store/redis-address.js';

const minuteMs = 60_000;

export const options = {
  ...commonOptions,
  tracks: option('K8STA_TRACKS', list, 'Tracks files, or directories of them, separated by commas.'),
  redisUrl: option(
    'K8STA_REDIS_URL',
    list
      .pipe(z.array(z.url({ protocol: /^rediss?$/, error: 'must begin with redis:// or rediss://' })).min(1))
      .default(['redis://127.0.0.1:6379']),
    'Address of the Redis server; rediss:// encrypts the connection. By K8STA_REDIS_MODE the addresses of the Sentinels, or of some nodes of the cluster, separated by commas.',
  ),
  redisMode: option(
    'K8STA_REDIS_MODE',
    oneOf(...redisModes).default('single'),
    'What K8STA_REDIS_URL names: a single server, or its Sentinels, or a Redis Cluster.',
  ),
  redisSentinelName: option(
    'K8STA_REDIS_SENTINEL_NAME',
    z.string().min(1).default('k8sta'),
    'The name under which the Sentinels monitor the primary.',
  ),
  redisSentinelUser: option(
    'K8STA_REDIS_SENTINEL_USER',
    z.string().optional(),
    "The tracker's ACL user in the Sentinels; without it, the default user.",
  ),
  redisSentinelPasswordFile: option(
    'K8STA_REDIS_SENTINEL_PASSWORD_FILE',
    file.optional(),
    'A file with the password for the Sentinels.',
  ),
  redisUser: option(
    'K8STA_REDIS_USER',
    z.string().optional(),
    "The tracker's ACL user in Redis; without it, the default user.",
  ),
  redisPasswordFile: option(
    'K8STA_REDIS_PASSWORD_FILE',
    file.optional(),
    'A file with the password for Redis. The tracker reads this and the other Redis files again for each connection.',
  ),
  redisCaFile: option(
    'K8STA_REDIS_CA_FILE',
    file.optional(),
    "A file with the CA certificates (PEM) that verify Redis's certificate; without it, the system's.",
  ),
  redisCertFile: option(
    'K8STA_REDIS_CERT_FILE',
    file.optional(),
    "A file with the tracker's client certificate (PEM) for Redis.",
  ),
  redisKeyFile: option('K8STA_REDIS_KEY_FILE', file.optional(), "A file with that certificate's private key (PEM)."),
  argoInstances: option(
    'K8STA_ARGO_INSTANCES',
    list.pipe(z.array(label).min(1)).default(['default']),
    'The Argo CD instances, or their shards, by the name of their argo-watcher (K8STA_ARGO_INSTANCE), separated by commas. Two instances must not have an Application of the same namespace and name.',
  ),
  commitDeadlineMs: option(
    'K8STA_COMMIT_DEADLINE_MS',
    integer(1_000, 24 * 60 * minuteMs).default(60 * minuteMs),
    'How long the promoter retries a commit, in milliseconds from the request.',
  ),
  degradedGraceMs: option(
    'K8STA_DEGRADED_GRACE_MS',
    integer(0, 24 * 60 * minuteMs).default(2 * minuteMs),
    'How long an Application may be Degraded before its Station fails, in milliseconds.',
  ),
  settleMs: option(
    'K8STA_SETTLE_MS',
    integer(0, 10 * minuteMs).default(5_000),
    'How long an Application that is Synced and Healthy must stay unchanged before it has arrived, in milliseconds.',
  ),
  maxAgeMs: option(
    'K8STA_TICKET_MAX_AGE_MS',
    integer(minuteMs, 29 * 24 * 60 * minuteMs).default(14 * 24 * 60 * minuteMs),
    'How long a Ticket may be open, in milliseconds. The limit is below the 30 days for which K8sTA keeps the history.',
  ),
} as const satisfies Options;

/** Throws a ConfigError if the options contradict each other. */
export function redisAddress(config: ConfigOf<typeof options>): RedisAddress {
  const address: RedisAddress = {
    ...{ urls: config.redisUrl, mode: config.redisMode, sentinelName: config.redisSentinelName },
    ...{ sentinelUser: config.redisSentinelUser, sentinelPasswordFile: config.redisSentinelPasswordFile },
    user: config.redisUser,
    passwordFile: config.redisPasswordFile,
    caFile: config.redisCaFile,
    certFile: config.redisCertFile,
    keyFile: config.redisKeyFile,
  };
  checkAddress(address);
  return address;
}

/** The options, and constants: docs/reliability.md promises their values, so they are not options. */
export function policyOf(config: ConfigOf<typeof options>): Policy {
  return {
    commitDeadlineMs: config.commitDeadlineMs,
    maxAgeMs: config.maxAgeMs,
    freshForMs: minuteMs,
    degradedGraceMs: config.degradedGraceMs,
    settleMs: config.settleMs,
    settleAfterRolloutMs: Math.min(1_000, config.settleMs),
    patienceMs: 5 * minuteMs,
    refreshEveryMs: 15_000,
    refreshAtMostEveryMs: 5 * minuteMs,
    askAgainMs: 5_000,
  };
}
