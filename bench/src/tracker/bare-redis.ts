import type { Redis } from 'ioredis';

/** How many inputs the tracker handles at a time. */
const inFlight = 64;

const compareAndSet = `
if redis.call('HGET', KEYS[1], 'save') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'save', ARGV[1], 'document', ARGV[2])
return 1
`;

type Command = (key: string, expected: string, document: string) => Promise<number>;

/**
 * Does the minimum of a tracker that keeps its documents in Redis: one read and one compare-and-set per decision.
 */
export async function bareDecisions(redis: Redis, tracks: readonly string[], count: number): Promise<void> {
  redis.defineCommand('bareSave', { numberOfKeys: 1, lua: compareAndSet });
  const save = (redis as unknown as { bareSave: Command }).bareSave.bind(redis);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < count; at = next++) {
      const key = `k8sta:track:${tracks[at % tracks.length]}`;
      const [expected, document] = await redis.hmget(key, 'save', 'document');
      const isSaved = await save(key, expected ?? '', document ?? '');
      if (isSaved !== 1) throw new Error(`${key} changed, but nothing else should write`);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
}
