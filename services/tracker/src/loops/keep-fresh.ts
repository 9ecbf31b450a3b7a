import type { Engine } from '../engine.js';
import type { Freshness } from '../freshness.js';

/** How often the heartbeats are read while no Ticket is on its way, in milliseconds. */
const idleMs = 15_000;

/**
 * The returned function reads the heartbeats if Tickets are on their way or the last reading is old, and then wakes the
 * Tracks that wait for a heartbeat.
 */
export function keepFresh(
  freshness: Freshness,
  engine: Pick<Engine, 'isBusy' | 'waitingForFreshness' | 'take'>,
  now: () => Date,
): () => Promise<void> {
  let readAt = Number.NEGATIVE_INFINITY;
  return async () => {
    const isIdle = freshness.isComplete() && !engine.isBusy();
    if (isIdle && now().getTime() - readAt < idleMs) return;
    const before = freshness.currentAsOf();
    await freshness.refresh();
    readAt = now().getTime();
    if (freshness.currentAsOf() === before) return;
    await Promise.all(engine.waitingForFreshness().map((track) => engine.take(track, { type: 'tick' })));
  };
}
