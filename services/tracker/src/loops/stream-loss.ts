import type { Bus } from '@k8sta/bus';
import type { Engine } from '../engine.js';
import { answerOf, type RedisClient } from '../store/redis-connection.js';

const createdKey = 'k8sta:stream-created';

/**
 * Notices that the history stream was wiped, by its time of creation: Redis remembers it across restarts, and this process
 * across a loss of Redis. The tracker then publishes again what nobody has answered. It also does so if the time of creation is
 * unknown, which does no harm. The returned function checks once and returns true if the stream was wiped.
 */
export function streamLossMender(
  bus: Pick<Bus, 'createdAt'>,
  redis: Pick<RedisClient, 'get' | 'set'>,
  engine: Pick<Engine, 'tracks' | 'removed' | 'take'>,
  onLoss: () => void = () => {},
): () => Promise<boolean> {
  let seen: string | null = null;
  return async () => {
    const created = await bus.createdAt('K8STA');
    const stored = await answerOf(redis.get(createdKey));
    const remembered = stored ?? seen;
    if (remembered !== created) {
      onLoss();
      const tracks = [...engine.tracks, ...(await engine.removed())];
      for (const track of tracks) await engine.take(track, { type: 'streamsLost' });
    }
    if (stored !== created) await answerOf(redis.set(createdKey, created));
    seen = created;
    return remembered !== null && remembered !== created;
  };
}
