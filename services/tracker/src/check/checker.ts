import type { Bus } from '@k8sta/bus';
import { gitInspection } from '@k8sta/contracts';
import type { Track } from '@k8sta/tracks';
import type { Railway } from '../railway.js';
import { findingsOf, fingerprint, type Inspection, inspect, type Reply } from './findings.js';

/** The promoter may have to fetch a large repository for the first time. */
const answerMs = 30_000;
/** Until a repository that could not be read, or that holds the Track, is looked at again. */
const againMs = 30_000;

/**
 * Checks the Tracks whose Applications have changed since the last look, and those of which something could not be
 * told. Every replica does; what they find is the same, and told once.
 */
export function trackChecker(
  railway: Pick<Railway, 'tracks' | 'take' | 'state'>,
  bus: Pick<Bus, 'ask'>,
  now: () => Date,
): () => Promise<void> {
  const checked = new Map<string, { fingerprint: string; again: number }>();

  const ask = async ({ request }: Inspection): Promise<Reply> => {
    try {
      const reply = await bus.ask(gitInspection, request, answerMs);
      return reply ?? { is: 'unknown', message: 'the promoter does not answer' };
    } catch (error) {
      return { is: 'unknown', message: (error as Error).message };
    }
  };

  const check = async (track: Track): Promise<void> => {
    const state = await railway.state(track);
    // Before any watcher was heard, every Application would be reported as missing.
    if (Object.keys(state.currentAsOf).length === 0) return;
    const current = fingerprint(state);
    const last = checked.get(track.name);
    if (last?.fingerprint === current && now().getTime() < last.again) return;
    const { inspections, findings } = inspect(track, state, now());
    const answered = await Promise.all(
      inspections.map(async (inspection) => findingsOf(inspection, await ask(inspection), state)),
    );
    const all = [...findings, ...answered.flat()];
    await railway.take(track, { type: 'checked', findings: all });
    // What holds may be mended in Git alone, of which no Application tells.
    const isOver = all.every(({ reason, holds }) => reason !== 'NotInspected' && !holds);
    checked.set(track.name, {
      fingerprint: current,
      again: isOver ? Number.POSITIVE_INFINITY : now().getTime() + againMs,
    });
  };
  return async () => {
    await Promise.all(railway.tracks.map(check));
  };
}
