import type { Bus } from '@k8sta/bus';
import { gitInspection } from '@k8sta/contracts';
import type { Track } from '@k8sta/tracks';
import { atOnce } from '../at-once.js';
import type { Engine } from '../engine.js';
import type { Owners } from '../replicas/owner.js';
import type { Change } from '../ride/decide.js';
import type { SourceDirectory } from '../store/source-directory.js';
import { findingsOf, fingerprint, type Inspection, inspect, type Reply } from './findings.js';

/** The promoter may have to fetch a large repository for the first time. */
const answerMs = 30_000;
/** After how long to repeat a check if the repository could not be read or a finding holds a Station. */
const againMs = 30_000;
/** How many Tracks are checked at a time: checks are background work, and the promoter has commits to make. */
const parallel = 4;

export interface TrackChecker {
  /** Notes a change of a Track, which is checked again if a finding could depend on the change. */
  changed(track: Track, history: readonly Change[]): void;
  /** Has the Track checked again: this replica has become its owner, and does not know what the one before has found. */
  takenOver(track: Track): void;
  /** Checks the Tracks that are due. Looks at none that did not change. */
  round(): Promise<void>;
}

/**
 * Checks each Track when the tracker starts, when its Applications change, and repeatedly while a repository could not be
 * read or a finding holds a Station: a commit alone may fix that, and no Application reports it. The owner of a Track checks it, and
 * a replica that has changed the Track in the place of its owner.
 */
export function trackChecker(
  engine: Pick<Engine, 'tracks' | 'take' | 'state'>,
  bus: Pick<Bus, 'ask' | 'maxPayload'>,
  directory: Pick<SourceDirectory, 'sources'>,
  { isOurs }: Pick<Owners, 'isOurs'>,
  isWatched: () => boolean,
  now: () => Date,
): TrackChecker {
  const due = new Map<Track, number>(engine.tracks.map((track) => [track, 0]));
  const changedHere = new Set<Track>();

  const ask = async ({ request }: Inspection): Promise<Reply> => {
    try {
      const reply = await bus.ask(gitInspection, request, answerMs);
      return reply ?? { is: 'unknown', message: 'the promoter does not answer' };
    } catch (error) {
      return { is: 'unknown', message: (error as Error).message };
    }
  };

  const check = async (track: Track): Promise<void> => {
    const state = await engine.state(track);
    const moment = { now: now(), sourcesOf: await directory.sources(), maxPayload: bus.maxPayload() };
    const { inspections, findings } = inspect(track, state, moment, engine.tracks);
    for (const inspection of inspections) findings.push(...findingsOf(inspection, await ask(inspection), state));
    await engine.take(track, { type: 'checked', findings });
    const isOpen = findings.some(({ reason, holds }) => reason === 'NotInspected' || holds);
    if (isOpen && !due.has(track)) due.set(track, now().getTime() + againMs);
    if (!due.has(track)) changedHere.delete(track);
  };

  return {
    changed(track, history) {
      const [first, last] = [history[0], history.at(-1)];
      const isObserved = history.some(({ event }) => event.type === 'observed' || event.type === 'gone');
      if (!first || !last || !isObserved || fingerprint(first.before) === fingerprint(last.after)) return;
      due.set(track, 0);
      changedHere.add(track);
    },
    takenOver: (track) => void due.set(track, 0),
    async round() {
      // Before the first heartbeat, every Application would be reported as missing.
      if (!isWatched()) return;
      const waiting = [...due].flatMap(([track, at]) => (at <= now().getTime() ? track : []));
      await atOnce(parallel, waiting, async (track) => {
        // It stays due for the case that this replica becomes its owner.
        if (!isOurs(track.name) && !changedHere.has(track)) return;
        due.delete(track);
        await check(track).catch((error: unknown) => {
          due.set(track, now().getTime() + againMs);
          throw error;
        });
      });
    },
  };
}
