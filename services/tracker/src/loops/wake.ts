import type { Log } from '@k8sta/bus';
import type { Engine } from '../engine.js';
import type { Owners } from '../replicas/owner.js';
import type { TrackStore } from '../store/track-store.js';

/** How often to look while no Ticket is on its way, in milliseconds: only another replica can have set a timer then. */
const idleMs = 1_000;

/** How long the owner of a Track may be late before another replica wakes the Track, in milliseconds. */
const graceMs = 1_000;

/**
 * Gives a tick to the Tracks of this replica that are due, to those of other replicas that are overdue, and to those with an unfinished
 * input.
 * Logs once about a Track that has a timer and nothing else: both copies of its document are lost.
 */
export function wakeDue(
  store: Pick<TrackStore, 'due'>,
  engine: Pick<Engine, 'track' | 'take' | 'isBusy' | 'unfinished'>,
  { isOurs }: Pick<Owners, 'isOurs'>,
  now: () => Date,
  log: Pick<Log, 'warn'>,
): () => Promise<void> {
  const dueAt = async (at: number): Promise<string[]> => {
    const due = await store.due(at);
    const ours = due.filter(isOurs);
    return ours.length === due.length ? due : [...ours, ...(await store.due(at - graceMs))];
  };
  const logged = new Set<string>();
  let lookedAt = Number.NEGATIVE_INFINITY;
  return async () => {
    const at = now().getTime();
    const unfinished = engine.unfinished();
    if (unfinished.length === 0 && !engine.isBusy() && at - lookedAt < idleMs) return;
    lookedAt = at;
    const due = new Set([...(await dueAt(at)), ...unfinished.map(({ name }) => name)]);
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
