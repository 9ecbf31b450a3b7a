import type { Redis } from 'ioredis';

/** How many inputs the tracker has on their way at a time. */
const inFlight = 64;

const compareAndSet = `
if redis.call('HGET', KEYS[1], 'save') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'save', ARGV[1], 'document', ARGV[2])
return 1
`;

type Command = (key: string, expected: string, document: string) => Promise<number>;

/**
 * Loads and saves the documents of the Tracks as any tracker has to that keeps them in Redis, and does nothing else: one
 * read and one compare-and-set per decision. Returns how many it does per second.
 */
export async function bareDecisions(redis: Redis, tracks: readonly string[], count: number): Promise<number> {
  redis.defineCommand('bareSave', { numberOfKeys: 1, lua: compareAndSet });
  const save = (redis as unknown as { bareSave: Command }).bareSave.bind(redis);
  const begunAt = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < count; at = next++) {
      const key = `k8sta:track:${tracks[at % tracks.length]}`;
      const [expected, document] = await redis.hmget(key, 'save', 'document');
      const isSaved = await save(key, expected ?? '', document ?? '');
      if (isSaved !== 1) throw new Error(`${key} changed while nothing else writes`);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return count / ((performance.now() - begunAt) / 1_000);
}
