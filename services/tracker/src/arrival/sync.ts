import type { Observation } from '../observation.js';
import {
  blind,
  blocked,
  comparedRevision,
  type Evidence,
  errorsOf,
  failedRevision,
  hasFailed,
  isOperating,
  short,
  type Verdict,
  waiting,
} from './verdict.js';
import { blockingWindow } from './windows.js';

/** Argo CD's own words for a sync that a window holds up (controller/sync.go). */
const blockedByWindow = /blocked by (a )?sync window/i;
/** What it says of its next attempt (controller/appcontroller.go); the rest of the message is why the last one failed. */
const nextAttempt = /\s*Retrying attempt #\d+ at ([^\s]+?)\.?$/;

/** Undefined once the revision is synced, its operation over, and the status younger than that. */
export function judgeSync(evidence: Evidence, observation: Observation, now: Date): Verdict | undefined {
  const { application } = evidence;
  const { observed } = observation;
  const { operation, sync, reconciledAt } = observed;
  const failed = failedSync(evidence, observation);
  if (failed) return failed;
  if (isOperating(observed)) return underWay(evidence, observation, now);
  // Both times are Argo CD's own clock, in whole seconds. What was compared before the operation ended is not ours.
  if (operation?.finishedAt && Date.parse(reconciledAt ?? '') < Date.parse(operation.finishedAt)) {
    return waiting(`${application}: its status is from before the sync ended`, true);
  }
  if (observed.errors.length > 0) {
    // An object too large to be stored: Argo CD can write nothing but this condition any more.
    const isStale = observed.errors.some(({ type, message }) => type === 'UnknownError' && /stale/i.test(message));
    return isStale
      ? blocked(`${application}: ${errorsOf(observed)}; it does not clear by itself`)
      : waiting(`${application}: ${errorsOf(observed)}`);
  }
  if (sync.status === 'Synced') return undefined;
  if (sync.status !== 'OutOfSync') return waiting(`${application}: sync status ${sync.status}`, true);
  if (!observed.autoSync) return blocked(`${application}: OutOfSync, auto-sync is off`);
  const window = blockingWindow(evidence.windows, observed, now);
  if (window)
    return blocked(`${application}: OutOfSync, blocked by a sync window of project ${observed.project} (${window})`);
  return waiting(`${application}: OutOfSync, auto-sync has not begun`);
}

/** An operation on an older revision says nothing of ours: auto-sync will begin one of its own. */
function failedSync(evidence: Evidence, observation: Observation): Verdict | undefined {
  const { application, failedSync: answer } = evidence;
  const { operation } = observation.observed;
  if (!operation || !hasFailed(observation)) return undefined;
  const other = failedRevision(evidence);
  if (other !== undefined) {
    // While ours was synced the branch has moved on, and what is compared now is not what failed.
    const which = `${application}: a sync of ${short(other)} has failed`;
    if (answer?.revision !== other) return { is: 'asking', message: `${which}; asking whether that had our commit` };
    const { relation, message } = answer.answer;
    if (relation === 'unknown')
      return blind(`${which}; cannot tell whether that had our commit: ${message ?? 'no answer'}`);
    if (relation !== 'same' && relation !== 'contains') return undefined;
  } else if (!operation.revisions.includes(comparedRevision(evidence, observation) ?? '')) return undefined;
  const failures = operation.failures?.length ? `: ${operation.failures.join('; ')}` : '';
  const message = `${application}: sync ${operation.phase}: ${operation.message ?? 'no message'}${failures}`;
  return { is: 'failed', reason: 'SyncFailed', message };
}

function underWay({ application, windows }: Evidence, { observed }: Observation, now: Date): Verdict {
  const { operation, project } = observed;
  // While a sync is only asked for, phase and message are those of the one before.
  const message = operation?.phase === 'Running' || operation?.phase === 'Terminating' ? (operation.message ?? '') : '';
  if (operation?.phase === 'Running' && operation.finishedAt) {
    // Running and finished at once: this attempt has failed, and another follows.
    const { retryCount = 0, retryLimit } = operation;
    const of = retryLimit !== undefined && retryLimit >= 0 ? ` of ${retryLimit}` : '';
    const next = nextAttempt.exec(message)?.[1];
    const why = message.replace(nextAttempt, '') || 'no message';
    return waiting(`${application}: sync retry ${retryCount}${of}${next ? `, next at ${next}` : ''}: ${why}`);
  }
  if (blockedByWindow.test(message)) {
    const window = blockingWindow(windows, observed, now);
    return blocked(`${application}: blocked by a sync window of project ${project}${window ? ` (${window})` : ''}`);
  }
  return waiting(`${application}: syncing${message ? `: ${message}` : ''}`);
}
