import { createHash } from 'node:crypto';

/** Where the keys are that one save changes or compares: in one slot of a Redis Cluster. */
export interface Shard {
  /** The timers of its Tracks. */
  readonly due: string;
  /** What a save compares its tracks files with. In a single Redis this is what the trackers announce; see current-tracks.ts. */
  readonly current: string;
  /** Followed by a fingerprint. */
  readonly live: string;
  /** Written to see whether its server takes writes. */
  readonly probe: string;
  track(name: string): string;
  /** The ended Tickets, by time. They are not in the document, so that their number does not slow down a step. */
  ended(name: string): string;
}

/** The names of our keys in Redis. */
export interface Keys {
  /** The tracks files that the trackers announce. */
  readonly current: string;
  readonly sources: string;
  readonly shards: readonly Shard[];
  shardOf(track: string): Shard;
}

const one: Shard = {
  ...{ due: 'k8sta:due', current: 'k8sta:tracks', live: 'k8sta:tracks:live:', probe: 'k8sta:probe' },
  track: (name) => `k8sta:track:${name}`,
  ended: (name) => `k8sta:ended:${name}`,
};

/** In a single Redis, or behind Sentinels. */
export const singleKeys: Keys = {
  ...{ current: one.current, sources: 'k8sta:sources', shards: [one] },
  shardOf: () => one,
};

/**
 * In a Redis Cluster the keys that belong together have the same hash tag. The Tracks are divided among 32 tags, more than a
 * cluster has primaries in practice; the number must never change, because it decides where each Track is kept.
 */
const shardCount = 32;

const shards: readonly Shard[] = Array.from({ length: shardCount }, (_, at) => ({
  ...{ due: `k8sta:{${at}}:due`, current: `k8sta:{${at}}:tracks`, live: `k8sta:{${at}}:tracks:live:` },
  probe: `k8sta:{${at}}:probe`,
  track: (name) => `k8sta:{${at}}:track:${name}`,
  ended: (name) => `k8sta:{${at}}:ended:${name}`,
}));

export const clusterKeys: Keys = {
  ...{ current: 'k8sta:{tracks}', sources: 'k8sta:{sources}', shards },
  shardOf(track) {
    const at = createHash('sha256').update(track).digest().readUInt32BE() % shardCount;
    return shards[at] as Shard;
  },
};
