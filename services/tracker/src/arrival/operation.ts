import { sanitizeLine } from '@k8sta/text';
import type { Observation } from '../observation.js';
import {
  awaitedCommit,
  blocked,
  comparedRevision,
  containsOurs,
  type Evidence,
  refreshWhenQuiet,
  revisionOf,
  short,
  type Verdict,
  waiting,
} from './verdict.js';
import { blockingWindow } from './windows.js';

type Operation = NonNullable<Observation['observed']['operation']>;

/** Argo CD's message about a sync that a window blocks (controller/sync.go). */
const blockedByWindow = /blocked by (a )?sync window/i;
/** Its message about the next attempt (controller/appcontroller.go); the rest says why the last one failed. */
const nextAttempt = /\s*Retrying attempt #\d+ at (\S+?)\.?$/;
/** Its message about an attempt that has just started; the retry count says the same. */
const attemptStarted = /^Retrying operation\. Attempt #\d+$/;

const causeLimit = 1_000;
const namedLimit = 3;

/** A sync that is requested, running or retried, of our commit or of another revision. */
export function underWay(evidence: Evidence, observation: Observation, now: Date): Verdict {
  const { application, windows } = evidence;
  const { operation, project } = observation.observed;
  const running = operation?.phase === 'Running' || operation?.phase === 'Terminating' ? operation : undefined;
  if (running && blockedByWindow.test(running.message ?? '')) {
    const window = blockingWindow(windows, observation.observed, now);
    const which = window ? ` (${window.description})` : '';
    const why = `${application}: a sync window of project ${project} blocks the sync${which}`;
    return blocked('SyncWindowClosed', why, window?.changesAt);
  }
  const { cause, progress, isRetry } = progressOf(running, observation);
  const why = `${application}: ${cause ? `${cause}; ` : ''}`;
  const syncs = syncedRevision(evidence, observation, running);
  const more = refreshWhenQuiet(observation, now);
  if (syncs !== undefined && !isOurs(evidence, syncs)) {
    const whose = `this is the sync of ${short(syncs)}, not of our commit ${short(awaitedCommit(evidence))}`;
    return waiting('OtherSyncRunning', `${why}${progress}; ${whose}`, more);
  }
  return waiting(isRetry ? 'SyncRetrying' : 'SyncRunning', `${why}${progress}`, more);
}

/** Why the last attempt failed, and where the sync is. */
function progressOf(
  running: Operation | undefined,
  { failedAttempt }: Observation,
): { cause: string; progress: string; isRetry: boolean } {
  // While a sync is only requested, phase and message are those of the previous one.
  if (!running) return { cause: '', progress: 'a sync is about to start', isRetry: false };
  const { retryCount = 0, retryLimit, message = '' } = running;
  const retry = `sync retry ${retryCount}${retryLimit !== undefined && retryLimit >= 0 ? ` of ${retryLimit}` : ''}`;
  if (running.finishedAt) {
    // Running and finished: this attempt has failed, and another follows.
    const next = nextAttempt.exec(message)?.[1];
    return { cause: causeOf(running), progress: `${retry}${next ? `, next at ${next}` : ''}`, isRetry: true };
  }
  const detail = message && !attemptStarted.test(message) ? `: ${message}` : '';
  if (retryCount === 0) return { cause: failuresOf(running), progress: `syncing${detail}`, isRetry: false };
  const cause = failuresOf(running) || (failedAttempt ? causeOf(failedAttempt) : '');
  return { cause, progress: `${retry} is running${detail}`, isRetry: true };
}

/** The hooks and resources that failed, or else Argo CD's message about the operation. */
export function causeOf(attempt: Pick<Operation, 'message' | 'failures'>): string {
  const message = attempt.message?.replace(nextAttempt, '').replace(/\.$/, '');
  return failuresOf(attempt) || sanitizeLine(message ?? '', causeLimit) || 'no message';
}

function failuresOf({ failures = [] }: Pick<Operation, 'failures'>): string {
  const more = failures.length > namedLimit ? `; and ${failures.length - namedLimit} more` : '';
  return sanitizeLine(`${failures.slice(0, namedLimit).join('; ')}${more}`, causeLimit);
}

/** The revision of the running sync, or the requested one before it runs. */
function syncedRevision(
  evidence: Evidence,
  { observed: { requestedRevisions } }: Observation,
  running: Operation | undefined,
): string | undefined {
  return revisionOf(running?.revisions.length ? running.revisions : requestedRevisions, evidence);
}

function isOurs(evidence: Evidence, revision: string): boolean {
  if (revision === comparedRevision(evidence)) return containsOurs(evidence) !== false;
  return revision === awaitedCommit(evidence);
}
