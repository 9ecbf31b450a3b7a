import type { MergeMethod } from '@k8sta/contracts';
import type { Draw } from '../draw.js';

/** A Station that gets its image by pull request, and what people do with one. */
export interface PlannedPullRequests {
  readonly station: string;
  readonly merge: 'byPeople' | 'auto';
  readonly method: MergeMethod;
  /** People look at one after so many events. */
  readonly afterEvents: number;
  /** People close the pull request of every tag whose minor version this divides, instead of merging it. */
  readonly closesEvery?: number;
}

export function planPullRequests(draw: Draw, station: string): PlannedPullRequests {
  const afterEvents = draw.whole(1, 20);
  // K8sTA merges by rebase only where the project of GitLab permits it.
  if (draw.oneIn(4)) return { station, merge: 'auto', method: draw.from(['merge', 'squash']), afterEvents };
  const method = draw.from(['merge', 'squash', 'rebase']);
  return { station, merge: 'byPeople', method, afterEvents, ...(draw.oneIn(3) && { closesEvery: draw.whole(2, 5) }) };
}

/** The key of the Station in the tracks file. */
export function writeKey({ merge, method }: PlannedPullRequests): string {
  return `write: {pullRequest: {merge: ${merge}, method: ${method}}}`;
}
