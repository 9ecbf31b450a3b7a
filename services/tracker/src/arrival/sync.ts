import type { Observation } from '../observation.js';
import { errorVerdict } from './errors.js';
import { causeOf, underWay } from './operation.js';
import {
  type ArrivalPolicy,
  asking,
  awaitedCommit,
  blocked,
  comparedRevision,
  type Evidence,
  failedRevision,
  hasFailed,
  isOperating,
  revisionOf,
  short,
  type Verdict,
  waiting,
} from './verdict.js';
import { blockingWindow } from './windows.js';

/** Undefined once the revision is synced, its operation has ended, and the status is newer than that. */
export function judgeSync(
  evidence: Evidence,
  observation: Observation,
  now: Date,
  policy: ArrivalPolicy,
): Verdict | undefined {
  const { observed } = observation;
  const { operation, reconciledAt } = observed;
  const failed = failedSync(evidence, observation, policy);
  if (failed) return failed;
  if (isOperating(observed)) return underWay(evidence, observation, now);
  // Both times are from Argo CD's own clock, in whole seconds. A comparison before the end of the operation says nothing.
  if (operation?.finishedAt && !(Date.parse(reconciledAt ?? '') >= Date.parse(operation.finishedAt))) {
    return statusStale(evidence);
  }
  return rolledBack(evidence, observation) ?? errorVerdict(evidence, observed) ?? outOfSync(evidence, observation, now);
}

function statusStale({ application }: Evidence): Verdict {
  return waiting('StatusStale', `${application}: its status is older than the end of its last sync`, { refresh: true });
}

function outOfSync(evidence: Evidence, observation: Observation, now: Date): Verdict | undefined {
  const { application } = evidence;
  const { observed } = observation;
  const { sync, operation, reconciledAt = '' } = observed;
  if (sync.status === 'Synced') return undefined;
  if (sync.status !== 'OutOfSync') {
    const why = `${application}: Argo CD reports the sync status ${sync.status}`;
    return waiting('SyncUnknown', why, { refresh: true });
  }
  if (!observed.autoSync) return blocked('AutoSyncOff', `${application}: OutOfSync, auto-sync is off`);
  const wasSynced =
    operation?.phase === 'Succeeded' && revisionOf(operation.revisions, evidence) === comparedRevision(evidence);
  if (wasSynced && !observation.seenSynced && !(Date.parse(reconciledAt) > Date.parse(operation.finishedAt ?? ''))) {
    // In whole seconds, the comparison that started a short sync may have the time of its end.
    return statusStale(evidence);
  }
  if (wasSynced && observed.selfHeal === false) {
    const why = `${application}: OutOfSync: the cluster differs from Git after our commit was synced, and self-heal is off; nothing happens by itself`;
    return waiting('SelfHealOff', why, { refresh: true });
  }
  const window = blockingWindow(evidence.windows, observed, now);
  if (window) {
    const why = `${application}: OutOfSync, a sync window of project ${observed.project} blocks the sync (${window.description})`;
    return blocked('SyncWindowClosed', why, window.changesAt);
  }
  const why = wasSynced
    ? `${application}: OutOfSync again after our commit was synced, self-heal has not started`
    : `${application}: OutOfSync, auto-sync has not started`;
  return waiting('OutOfSync', why, { refresh: true });
}

/** A failed sync of another revision says nothing about ours: auto-sync starts one of its own. */
function failedSync(evidence: Evidence, observation: Observation, { askAgainMs }: ArrivalPolicy): Verdict | undefined {
  const { application, failedSync: known } = evidence;
  const { operation } = observation.observed;
  if (!operation || !hasFailed(observation)) return undefined;
  const other = failedRevision(evidence);
  if (other !== undefined && other !== awaitedCommit(evidence)) {
    // The branch moved while ours was synced: the compared revision is not the one that failed.
    const which = `${application}: a sync of ${short(other)} failed`;
    if (known?.revision !== other) return asking(`${which}; asking whether it contains our commit`);
    const { relation, message = 'no answer' } = known.answer;
    if (relation === 'unknown') {
      const why = `${which}; cannot tell whether it contains our commit: ${message}`;
      return waiting('RelationUnknown', why, { blind: true, until: Date.parse(known.askedAt) + askAgainMs });
    }
    if (relation !== 'same' && relation !== 'contains') return undefined;
  } else if (other === undefined && revisionOf(operation.revisions, evidence) !== comparedRevision(evidence)) {
    return undefined;
  }
  const cause = causeOf(operation);
  const whole = operation.failures?.length && operation.message ? ` (${operation.message})` : '';
  return { is: 'failed', reason: 'SyncFailed', message: `${application}: sync ${operation.phase}: ${cause}${whole}` };
}

/**
 * Argo CD's rollback syncs a revision of its history by hand while auto-sync is off: the branch, and so the compared
 * revision, still contains our commit. The history proves it: what is deployed now was deployed before our commit, too.
 */
function rolledBack(evidence: Evidence, { observed }: Observation): Verdict | undefined {
  const { operation, history = [] } = observed;
  if (operation?.phase !== 'Succeeded' || operation.automated) return undefined;
  const [ours, compared] = [awaitedCommit(evidence), comparedRevision(evidence)];
  const deployed = history.map((revisions) => revisionOf(revisions, evidence));
  const last = deployed.pop();
  if (last === undefined || last === compared || last === ours) return undefined;
  if (revisionOf(operation.revisions, evidence) !== last) return undefined;
  const oursAt = deployed.findLastIndex((revision) => revision === ours || revision === compared);
  // A later commit that somebody synced by hand was not deployed before ours.
  if (!deployed.slice(0, Math.max(0, oursAt)).includes(last)) return undefined;
  const who = operation.initiatedBy ?? 'somebody';
  const message = `${evidence.application}: ${who} rolled back in Argo CD to ${short(last)}, after our commit ${short(ours)} was deployed`;
  return { is: 'failed', reason: 'ChangedByOther', message };
}
