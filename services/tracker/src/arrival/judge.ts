import { judgeErrors, judgeReadable } from './errors.js';
import { judgeHealth } from './health.js';
import { judgeRevision } from './revision.js';
import { judgeSource } from './source.js';
import { judgeSync } from './sync.js';
import { type ArrivalPolicy, blocked, type Evidence, type Verdict, waiting } from './verdict.js';

/**
 * What an observation means for our commit. This file and its neighbours are the only place that knows what Argo CD's
 * status means. The order of the questions is the order of Argo CD's writes after a push
 * (controller/appcontroller.go): revision, operation, sync, health. Each proves something only after the one before.
 */
export function judge(evidence: Evidence, now: Date, policy: ArrivalPolicy): Verdict {
  const { application, observation, currentAsOf } = evidence;
  if (!observation) {
    return waiting('ApplicationNotObserved', `${application}: argo-watcher has not seen this Application`, {
      blind: true,
    });
  }
  if (observation.gone) return waiting('ApplicationGone', `${application}: the Application no longer exists`);
  if (!currentAsOf) {
    const why = `${application}: argo-watcher has not confirmed yet that its observations are current`;
    return waiting('NotCurrent', why, { blind: true });
  }
  const staleAt = Date.parse(currentAsOf) + policy.freshForMs + 1;
  if (now.getTime() >= staleAt) {
    const why = `${application}: argo-watcher last confirmed at ${currentAsOf} that its observations are current`;
    return waiting('NotCurrent', why, { blind: true });
  }
  return noLaterThan(staleAt, judgeObserved(evidence, observation, now, policy));
}

function judgeObserved(
  evidence: Evidence,
  observation: NonNullable<Evidence['observation']>,
  now: Date,
  policy: ArrivalPolicy,
): Verdict {
  const { application } = evidence;
  if (observation.observed.deleting) {
    return waiting('ApplicationGone', `${application}: the Application is being deleted`);
  }
  if (observation.observed.frozen) {
    const why = `${application}: the annotation skip-reconcile keeps Argo CD from looking at the Application`;
    return blocked('SkipReconcile', why);
  }
  return (
    judgeReadable(evidence, observation) ??
    judgeSource(evidence, observation) ??
    judgeErrors(evidence, observation) ??
    judgeRevision(evidence, observation, now, policy) ??
    judgeSync(evidence, observation, now, policy) ??
    judgeHealth(evidence, observation, now, policy)
  );
}

/** A waiting verdict is repeated at the latest when its observation may be too old. */
function noLaterThan(at: number, verdict: Verdict): Verdict {
  if (verdict.is !== 'waiting' && verdict.is !== 'blocked') return verdict;
  return { ...verdict, until: Math.min(verdict.until ?? at, at) };
}
