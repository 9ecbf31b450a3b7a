import { judgeHealth } from './health.js';
import { judgeRevision } from './revision.js';
import { judgeSource } from './source.js';
import { judgeSync } from './sync.js';
import { blind, blocked, type Evidence, type JudgeLimits, type Verdict } from './verdict.js';

/**
 * What an observation means for our commit: with its neighbours in this folder the one place that knows what Argo CD's
 * status says. The order of the questions is the order of its writes after a push (controller/appcontroller.go):
 * revision, operation, sync, health; each proves something only after the one before.
 */
export function judge(evidence: Evidence, now: Date, limits: JudgeLimits): Verdict {
  const { application, observation, currentAsOf } = evidence;
  if (!observation) return blind(`${application}: argo-watcher has not seen this Application`);
  if (observation.gone) return blocked(`${application}: the Application does not exist any more`);
  if (!currentAsOf) return blind(`${application}: argo-watcher has not said yet that its picture is current`);
  if (now.getTime() - Date.parse(currentAsOf) > limits.pictureMs) {
    return blind(`${application}: its picture is not known to be current since ${currentAsOf}`);
  }
  const { observed } = observation;
  if (observed.deleting) return blocked(`${application}: the Application is being deleted`);
  if (observed.frozen) {
    return blocked(`${application}: the annotation skip-reconcile keeps Argo CD from looking at it`);
  }
  return (
    judgeSource(evidence, observation) ??
    judgeRevision(evidence, observation) ??
    judgeSync(evidence, observation, now) ??
    judgeHealth(evidence, observation, now, limits)
  );
}
