import type { Bus } from '@k8sta/bus';
import type { Redis } from 'ioredis';
import type { Railway } from './railway.js';

const createdKey = 'k8sta:stream-created';

/**
 * Notices that the history stream was wiped, by its time of creation, which Redis remembers across restarts; then
 * everything that was asked for and not answered is asked for again. True when that was so.
 */
export async function mendStreamLoss(bus: Pick<Bus, 'createdAt'>, redis: Redis, railway: Railway): Promise<boolean> {
  const created = await bus.createdAt('K8STA');
  const remembered = await redis.get(createdKey);
  if (remembered === created) return false;
  // A first start has nothing to ask for again; a repeat of this, should it be cut off, is harmless.
  for (const track of railway.tracks) await railway.take(track, { type: 'streamsLost' });
  await redis.set(createdKey, created);
  return remembered !== null;
}
