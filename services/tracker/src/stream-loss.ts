import type { Bus } from '@k8sta/bus';
import type { Redis } from 'ioredis';
import type { Railway } from './railway.js';
import { answerOf } from './store/redis-connection.js';

const createdKey = 'k8sta:stream-created';

/**
 * Notices that the history stream was wiped, by its time of creation, which Redis remembers across restarts and this
 * process across a loss of Redis. Then everything that was asked for and not answered is asked for again; so it is as
 * well where nobody remembers, which is harmless. The function returned looks once; true when the stream was wiped.
 */
export function streamLossMender(
  bus: Pick<Bus, 'createdAt'>,
  redis: Pick<Redis, 'get' | 'set'>,
  railway: Pick<Railway, 'tracks' | 'take'>,
): () => Promise<boolean> {
  let seen: string | null = null;
  return async () => {
    const created = await bus.createdAt('K8STA');
    const stored = await answerOf(redis.get(createdKey));
    const remembered = stored ?? seen;
    if (remembered !== created) {
      for (const track of railway.tracks) await railway.take(track, { type: 'streamsLost' });
    }
    if (stored !== created) await answerOf(redis.set(createdKey, created));
    seen = created;
    return remembered !== null && remembered !== created;
  };
}
