import assert from 'node:assert/strict';
import { streamLossMender } from './stream-loss.js';

/** The surroundings of a tracker: they remember what it stores, and count how often it repeats unanswered requests. */
function surroundings() {
  const redis = new Map<string, string>();
  const now = { created: 'monday', repeated: 0 };
  const start = () =>
    streamLossMender(
      { createdAt: async () => now.created },
      {
        get: async (key) => redis.get(String(key)) ?? null,
        set: async (key: unknown, value: unknown) => {
          redis.set(String(key), String(value));
          return 'OK' as const;
        },
      },
      {
        tracks: [{ name: 'storefront', subscribes: [], stations: [] }] as never,
        removed: async () => [],
        take: async (_track, { type }) => {
          if (type === 'streamsLost') now.repeated += 1;
        },
      },
    );
  return { redis, now, start };
}

describe('after a loss of the history stream', () => {
  it('publishes unanswered requests again, once', async () => {
    const { now, start } = surroundings();
    const look = start();
    assert.equal(await look(), false);
    const atFirst = now.repeated;
    now.created = 'tuesday';
    assert.equal(await look(), true);
    assert.equal(await look(), false);
    assert.equal(now.repeated, atFirst + 1);
  });

  it('a restarted tracker notices it, too, with the time that Redis remembers', async () => {
    const { now, start } = surroundings();
    await start()();
    now.created = 'tuesday';
    assert.equal(await start()(), true);
  });

  it('a loss of Redis alone is not a loss of the stream', async () => {
    const { redis, now, start } = surroundings();
    const look = start();
    await look();
    const atFirst = now.repeated;
    redis.clear();
    assert.equal(await look(), false);
    assert.equal(now.repeated, atFirst);
    assert.equal(redis.size, 1, 'remembered again, for a tracker that starts next');
  });
});
