import type { Bus } from '@k8sta/bus';
import { stateKey } from '@k8sta/contracts';
import type { Engine } from '../engine.js';
import type { TrackStore } from '../store/track-store.js';

/** Longer than the history is kept, so that a repeat of it opens nothing. */
const rememberMs = 35 * 24 * 60 * 60 * 1000;

/** The newest ended Tickets of each Track that are remembered. */
const rememberCount = 10_000;

/** Forgets ended Tickets by age and by count, in Redis and in the state bucket. */
export function forgetEnded(
  store: Pick<TrackStore, 'forgetEnded'>,
  bus: { readonly state: Pick<Bus['state'], 'remove'> },
  engine: Pick<Engine, 'tracks' | 'removed'>,
  now: () => Date,
): () => Promise<void> {
  return async () => {
    for (const { name } of [...engine.tracks, ...(await engine.removed())]) {
      const forgotten = await store.forgetEnded(name, now().getTime() - rememberMs, rememberCount);
      for (const ticket of forgotten) await bus.state.remove(stateKey.ticket(name, ticket));
    }
  };
}
