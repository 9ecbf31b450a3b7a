import type { Log } from '@k8sta/bus';
import type { Engine } from '../engine.js';
import type { TrackStore } from '../store/track-store.js';

/** How often to look while no Ticket is on its way, in milliseconds: only another replica can have set a timer then. */
const idleMs = 1_000;

/**
 * Gives a tick to the Tracks that are due, and to those with an unfinished input. Every replica does this; a Track that another
 * replica has moved is no longer due.
 * Logs once about a Track that has a timer and nothing else: both copies of its document are lost.
 */
export function wakeDue(
  store: Pick<TrackStore, 'due'>,
  engine: Pick<Engine, 'track' | 'take' | 'isBusy' | 'unfinished'>,
  now: () => Date,
  log: Pick<Log, 'warn'>,
): () => Promise<void> {
  const logged = new Set<string>();
  let lookedAt = Number.NEGATIVE_INFINITY;
  return async () => {
    const at = now().getTime();
    const unfinished = engine.unfinished();
    if (unfinished.length === 0 && !engine.isBusy() && at - lookedAt < idleMs) return;
    lookedAt = at;
    const due = new Set([...(await store.due(at)), ...unfinished.map(({ name }) => name)]);
    await Promise.all(
      [...due].map(async (name) => {
        const track = await engine.track(name);
        if (track) return engine.take(track, { type: 'tick' });
        if (!logged.has(name))
          log.warn({ track: name }, 'Track is due, but it is in no tracks file and has no document');
        logged.add(name);
      }),
    );
  };
}
