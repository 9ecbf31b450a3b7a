import type { Redis } from 'ioredis';
import { readDocument } from './document.js';
import { answerOf } from './redis-connection.js';
import type { TrackStore } from './track-store.js';

const dueKey = 'k8sta:due';
const trackKey = (track: string) => `k8sta:track:${track}`;

/**
 * One script for every save: WATCH on a shared connection does not isolate, a script does. The version stands beside
 * the document so that the script need not parse it. ARGV: track, expected version, new version ('' keeps the
 * document), document, due ('' for never).
 */
const saveScript = `
local stored = tonumber(redis.call('HGET', KEYS[1], 'version') or '0')
if stored ~= tonumber(ARGV[2]) then return 0 end
if ARGV[3] ~= '' then redis.call('HSET', KEYS[1], 'version', ARGV[3], 'document', ARGV[4]) end
if ARGV[5] == '' then redis.call('ZREM', KEYS[2], ARGV[1]) else redis.call('ZADD', KEYS[2], ARGV[5], ARGV[1]) end
return 1
`;

/** Keeps the Tracks' documents in Redis, one hash each, and when they are due in a sorted set. */
export function redisStore(redis: Redis): TrackStore {
  const run = (track: string, expected: number, version: string, document: string, dueAt: number | undefined) =>
    answerOf(redis.eval(saveScript, 2, trackKey(track), dueKey, track, expected, version, document, dueAt ?? ''));
  return {
    async load(track) {
      const text = await answerOf(redis.hget(trackKey(track), 'document'));
      return text === null ? undefined : readDocument(text, `the Redis key ${trackKey(track)}`);
    },
    async save(track, document, expected, dueAt) {
      return (await run(track, expected, String(document.version), JSON.stringify(document), dueAt)) === 1;
    },
    async postpone(track, version, dueAt) {
      await run(track, version, '', '', dueAt);
    },
    due: (now) => answerOf(redis.zrangebyscore(dueKey, '-inf', now)),
  };
}
