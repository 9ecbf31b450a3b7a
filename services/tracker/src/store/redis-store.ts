import { type CurrentTracks, liveMs } from './current-tracks.js';
import { readDocument, saveOf } from './document.js';
import { type Keys, singleKeys } from './keys.js';
import { answerOf, type RedisClient } from './redis-connection.js';
import type { TrackStore } from './track-store.js';

/**
 * One script for every save: a script isolates, WATCH on a shared connection does not. The id of the save is a field of its
 * own, so that the script need not parse the document. ARGV: track, expected save, new save ('' keeps the
 * document), document, due ('' for never), time, fingerprint of the tracks files ('' for a save that decides nothing),
 * ended Tickets. A tracker that has other tracks files than the current ones saves nothing; without current ones, after a
 * loss of Redis, the first save sets them.
 */
const saveScript = `
if ARGV[7] ~= '' then
  local current = redis.call('HGET', KEYS[4], 'files')
  if not current or current == '' then
    redis.call('HSET', KEYS[4], 'files', ARGV[7])
    redis.call('SET', KEYS[5], '1', 'PX', ${liveMs})
  elseif current ~= ARGV[7] then return -1 end
end
local stored = redis.call('HGET', KEYS[1], 'save') or ''
if stored ~= ARGV[2] then return 0 end
if ARGV[3] ~= '' then redis.call('HSET', KEYS[1], 'save', ARGV[3], 'document', ARGV[4]) end
local due = redis.call('ZSCORE', KEYS[2], ARGV[1])
if ARGV[5] == '' then
  if due then redis.call('ZREM', KEYS[2], ARGV[1]) end
elseif due ~= ARGV[5] then
  redis.call('ZADD', KEYS[2], ARGV[5], ARGV[1])
end
for at = 8, #ARGV do redis.call('ZADD', KEYS[3], ARGV[6], ARGV[at]) end
return 1
`;

/** The maximum number of Tickets that one call forgets. */
const forgetAtOnce = 1_000;

type SaveCommand = (...keysAndArguments: (string | number)[]) => Promise<number>;

/** Keeps the Tracks' documents in Redis, each in a hash, the timers in a sorted set, and the ended Tickets in others. */
export function redisStore(
  redis: RedisClient,
  tracks: Pick<CurrentTracks, 'files' | 'displaced'>,
  names: Keys = singleKeys,
): TrackStore {
  redis.defineCommand('k8staSave', { numberOfKeys: 5, lua: saveScript });
  const saveCommand = (redis as unknown as { k8staSave: SaveCommand }).k8staSave.bind(redis);
  const trackKey = (track: string) => names.shardOf(track).track(track);
  const endedKey = (track: string) => names.shardOf(track).ended(track);
  const keys = (track: string) => {
    const { due, current, live } = names.shardOf(track);
    return [trackKey(track), due, endedKey(track), current, `${live}${tracks.files}`, track] as const;
  };

  const isSaved = async (answer: Promise<number>): Promise<boolean> => {
    const saved = await answerOf(answer);
    if (saved === -1) throw tracks.displaced();
    return saved === 1;
  };
  return {
    async load(track) {
      const text = await answerOf(redis.hget(trackKey(track), 'document'));
      return text === null ? undefined : readDocument(text, `the Redis key ${trackKey(track)}`);
    },
    storedSave: async (track) => (await answerOf(redis.hget(trackKey(track), 'save'))) ?? '',
    save({ document, text = JSON.stringify(document), expected, dueAt, ended, at }) {
      const { track } = document.state;
      const about = [dueAt ?? '', at, tracks.files, ...ended];
      return isSaved(saveCommand(...keys(track), expected, saveOf(document), text, ...about));
    },
    restore(document, expected) {
      const { track } = document.state;
      return isSaved(saveCommand(...keys(track), expected, saveOf(document), JSON.stringify(document), 0, 0, ''));
    },
    postpone: (track, expected, dueAt) =>
      isSaved(saveCommand(...keys(track), expected, '', '', dueAt ?? '', 0, tracks.files)),
    async due(now) {
      const due = names.shards.map((shard) => answerOf(redis.zrangebyscore(shard.due, '-inf', now)));
      return (await Promise.all(due)).flat();
    },
    hasEnded: async (track, ticket) => (await answerOf(redis.zscore(endedKey(track), ticket))) !== null,
    async endedTickets(track, limit = 0) {
      // Not ZREVRANGE: installed ACLs do not grant it.
      const found = await answerOf(redis.zrange(endedKey(track), -limit, '-1', 'WITHSCORES'));
      // The answer lists each id and then its time, the oldest first.
      return found.flatMap((id, at) => (at % 2 === 0 ? { id, endedAt: Number(found[at + 1]) } : [])).reverse();
    },
    async forgetEnded(track, before, keep) {
      const key = endedKey(track);
      const count = await answerOf(redis.zcard(key));
      const [old, surplus] = await Promise.all([
        answerOf(redis.zrangebyscore(key, '-inf', `(${before}`, 'LIMIT', 0, forgetAtOnce)),
        count > keep ? answerOf(redis.zrange(key, 0, String(Math.min(count - keep, forgetAtOnce) - 1))) : [],
      ]);
      const forgotten = [...new Set([...old, ...surplus])];
      if (forgotten.length > 0) await answerOf(redis.zrem(key, ...forgotten));
      return forgotten;
    },
  };
}
