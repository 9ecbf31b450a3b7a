import type { Changed } from './edits.js';
import { runningOf } from './not-named.js';
import type { Application } from './part.js';
import type { Rendered } from './reading.js';
import { deploys, namesSame } from './reference.js';
import { shownIn, usesOf } from './uses.js';

/** A rollback is only for what failed. Where the files name something else, somebody has taken the place over. */
export function takenOver(read: Rendered, application: Application): Changed | undefined {
  const { image, replaces } = application;
  if (replaces === undefined) return undefined;
  const isRunning = runningOf(application) !== undefined;
  if (!isRunning && usesOf(read, application).length === 0) return undefined;
  // The files decide, not the pods: they still run the failed image after somebody has removed it from the files.
  const shown = shownIn(read, application);
  if (shown.length === 0) return { is: 'changed', application, now: 'nothing' };
  const other = shown.find((use) => !deploys(use.image, image) && !namesSame(use.image, replaces, image));
  return other && { is: 'changed', application, place: other.ways[0], now: other.image };
}
