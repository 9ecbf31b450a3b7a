import type { Log } from '@k8sta/bus';
import type { Railway } from './railway.js';
import type { TrackStore } from './store/track-store.js';

/**
 * The Tracks that are due take a tick. Every replica wakes them; one that another has woken is not due any more. Of one
 * that no tracks file names it is said, once: nobody moves its Tickets on.
 */
export function wakeDue(
  store: Pick<TrackStore, 'due'>,
  railway: Pick<Railway, 'tracks' | 'take'>,
  now: () => Date,
  log: Pick<Log, 'warn'>,
): () => Promise<void> {
  const known = new Set(railway.tracks.map(({ name }) => name));
  return async () => {
    const due = new Set(await store.due(now().getTime()));
    for (const track of due) {
      if (known.has(track)) continue;
      known.add(track);
      log.warn({ track }, 'no tracks file names this Track any more: what rides it stands still until one does');
    }
    await Promise.all(
      railway.tracks.filter(({ name }) => due.has(name)).map((track) => railway.take(track, { type: 'tick' })),
    );
  };
}

/** A round that is made again and again. */
export interface Clock {
  /** Waits for the round under way; there is none after it. */
  stop(): Promise<void>;
}

/** Makes the round, waits `everyMs`, and so on until stopped. A round that fails is followed by the next; why is said once. */
export function startClock(what: string, round: () => Promise<unknown>, everyMs: number, log: Log): Clock {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let said: string | undefined;
  const once = async (): Promise<void> => {
    try {
      await round();
      if (said !== undefined) log.info({ what }, 'a round succeeds again');
      said = undefined;
    } catch (error) {
      const { message } = error as Error;
      if (said !== message) log.warn({ err: error, what }, 'a round failed; trying on');
      said = message;
    }
  };
  const go = async (): Promise<void> => {
    await once();
    if (!stopped) {
      timer = setTimeout(() => {
        underWay = go();
      }, everyMs);
    }
  };
  let underWay = go();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await underWay;
    },
  };
}
