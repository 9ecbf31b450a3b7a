import type { Track } from '@k8sta/tracks';
import { atOnce } from '../at-once.js';
import type { Engine } from '../engine.js';
import type { Owners } from '../replicas/owner.js';
import { presentEveryMs } from '../replicas/presence.js';

/** How many Tracks are taken over at a time. */
const parallel = 8;
/** A replica that was slow once is back by then, in milliseconds. */
const settledMs = presentEveryMs + 2_000;

/**
 * The returned function looks whether other replicas are there than before, and gives a tick to each Track that this one owns since.
 * The step publishes what a replica that died has saved and not published, and shows this one what the Track waits for.
 */
export function takeOver(
  living: () => readonly string[],
  { isOurs }: Pick<Owners, 'isOurs'>,
  engine: Pick<Engine, 'tracks' | 'take'>,
  onTaken: (track: Track) => void,
  now: () => Date,
): () => Promise<void> {
  const held = new Set<Track>();
  let done = living();
  let last = { replicas: done, since: now().getTime() };
  return async () => {
    const [replicas, at] = [living(), now().getTime()];
    if (last.replicas !== replicas) last = { replicas, since: at };
    if (replicas === done || at - last.since < settledMs) return;
    const owned = engine.tracks.filter(({ name }) => isOurs(name));
    for (const track of held) if (!owned.includes(track)) held.delete(track);
    const taken = owned.filter((track) => !held.has(track));
    await atOnce(parallel, taken, async (track) => {
      await engine.take(track, { type: 'tick' });
      held.add(track);
      onTaken(track);
    });
    done = replicas;
  };
}
