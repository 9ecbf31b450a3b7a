import type { PartCommit, TicketFailure } from '@k8sta/contracts';
import type { Learnt, Sighting } from './state.js';

/** What an observation of one Application means for our commit. */
export type Verdict =
  | { is: 'arrived'; revision: string }
  /** `refresh`: Argo CD has not looked at our commit yet, or its status is older than its last operation. */
  | { is: 'waiting'; reason: string; refresh?: boolean }
  /** The promoter is being asked about this revision; its answer, or that there is none, follows within seconds. */
  | { is: 'asking'; reason: string }
  | { is: 'failed'; failure: TicketFailure; reason: string };

/** What is judged: one Application of a Station, the commit made for it, and what is known of it. */
export interface Evidence {
  /** `namespace/name`, or what people call it. */
  readonly application: string;
  readonly commit: PartCommit;
  /** Which of the Application's sources the commit went to. */
  readonly sourceIndex: number;
  readonly sighting: Sighting | undefined;
  /** As of when the watcher's picture is known to be current. */
  readonly currentAsOf: string | undefined;
  readonly learnt: Learnt | undefined;
}

export interface JudgeLimits {
  /** How old the watcher's picture may be for an arrival or a departure to be decided on it. */
  readonly pictureMs: number;
  /** How long an Application may be Degraded before its Station fails. */
  readonly degradedGraceMs: number;
}

/**
 * The one place that knows what Argo CD's status means. The order of the questions is the order of its writes after a
 * push (controller/appcontroller.go): revision, operation, sync, health; each proves something only after the one before.
 */
export function judge(evidence: Evidence, now: Date, limits: JudgeLimits): Verdict {
  const { application, sighting, currentAsOf } = evidence;
  if (!sighting) return waiting(`${application}: argo-watcher has not seen this Application`);
  if (sighting.gone) return waiting(`${application}: the Application does not exist any more`);
  if (!currentAsOf) return waiting(`${application}: argo-watcher has not said yet that its picture is current`);
  if (now.getTime() - Date.parse(currentAsOf) > limits.pictureMs) {
    return waiting(`${application}: no sign of life from argo-watcher since ${currentAsOf}`);
  }
  const { observed } = sighting;
  if (observed.deleting) return waiting(`${application}: the Application is being deleted`);
  if (observed.frozen) return waiting(`${application}: the annotation skip-reconcile keeps Argo CD from looking at it`);
  return judgeRevision(evidence, sighting) ?? judgeSync(evidence, sighting, now, limits);
}

/** Undefined once the observed revision contains our commit and its files still name our image. */
function judgeRevision(evidence: Evidence, { observed }: Sighting): Verdict | undefined {
  const { application, commit, learnt } = evidence;
  const ours = short(commit.commit ?? commit.revision);
  const revision = observedRevision(evidence);
  if (!revision) return waiting(`${application}: Argo CD reports no revision (${errorsOf(observed)})`, true);
  if (learnt?.revision !== revision) {
    return { is: 'asking', reason: `${application}: asking how ${short(revision)} relates to our commit ${ours}` };
  }
  const { relation, namesImage, named, reason } = learnt.answer;
  if (relation === 'unknown') {
    return waiting(
      `${application}: cannot tell whether ${short(revision)} contains our commit ${ours}: ${reason ?? 'no answer'}`,
    );
  }
  // Where the file had named the image before, any revision that names it will do.
  const contains =
    relation === 'same' || relation === 'contains' || (commit.commit === undefined && namesImage === true);
  if (contains) {
    if (namesImage !== false) return undefined;
    const instead = named ? ` but ${named}` : '';
    const reason = `${application}: at ${short(revision)} the files name not our image${instead}: somebody changed it after our commit ${ours}`;
    return { is: 'failed', failure: 'rolledBack', reason };
  }
  const errors = observed.errors.length > 0 ? ` (${errorsOf(observed)})` : '';
  if (relation === 'behind') {
    return waiting(`${application}: Argo CD is at ${short(revision)}, behind our commit ${ours}${errors}`, true);
  }
  return waiting(
    `${application}: Argo CD is at ${short(revision)}, whose history has no commit ${ours}${errors}`,
    true,
  );
}

function judgeSync(evidence: Evidence, sighting: Sighting, now: Date, limits: JudgeLimits): Verdict {
  const { application } = evidence;
  const { observed } = sighting;
  const { operation, sync, reconciledAt } = observed;
  if (operation && !observed.operationPending && (operation.phase === 'Failed' || operation.phase === 'Error')) {
    // An operation on an older revision says nothing of ours: auto-sync will begin one of its own.
    if (operation.revisions.includes(observedRevision(evidence) ?? '')) {
      const failures = operation.failures?.length ? `: ${operation.failures.join('; ')}` : '';
      const reason = `${application}: sync ${operation.phase}: ${operation.message ?? 'no message'}${failures}`;
      return { is: 'failed', failure: 'syncFailed', reason };
    }
  }
  if (operation?.phase === 'Running' && operation.finishedAt) {
    return waiting(
      `${application}: sync failed, retry ${operation.retryCount ?? 0}: ${operation.message ?? 'no message'}`,
    );
  }
  if (observed.operationPending || operation?.phase === 'Running' || operation?.phase === 'Terminating') {
    // While a sync is only asked for, the message is that of the one before.
    const message = operation?.phase === 'Running' ? operation.message : undefined;
    return waiting(`${application}: syncing${message ? `: ${message}` : ''}`);
  }
  // Both times are Argo CD's own clock, in whole seconds. What was compared before the operation ended is not ours.
  if (operation?.finishedAt && Date.parse(reconciledAt ?? '') < Date.parse(operation.finishedAt)) {
    return waiting(`${application}: its status is from before the sync ended`, true);
  }
  if (observed.errors.length > 0) return waiting(`${application}: ${errorsOf(observed)}`);
  if (sync.status !== 'Synced') {
    return waiting(
      `${application}: ${sync.status}${observed.autoSync ? ', auto-sync has not begun' : ', auto-sync is off'}`,
    );
  }
  return judgeHealth(evidence, sighting, now, limits);
}

function judgeHealth(evidence: Evidence, sighting: Sighting, now: Date, limits: JudgeLimits): Verdict {
  const { application } = evidence;
  const { status, message } = sighting.observed.health;
  if (status === 'Healthy') return { is: 'arrived', revision: observedRevision(evidence) ?? '' };
  const said = `${application}: ${status}${message ? `: ${message}` : ''}`;
  const { degradedSince } = sighting;
  if (degradedSince && now.getTime() - Date.parse(degradedSince) >= limits.degradedGraceMs) {
    return { is: 'failed', failure: 'degraded', reason: `${said} (since ${degradedSince})` };
  }
  return waiting(said);
}

/** The revision that Argo CD reports for the source our commit went to. */
export function observedRevision({
  sighting,
  sourceIndex,
}: Pick<Evidence, 'sighting' | 'sourceIndex'>): string | undefined {
  return sighting?.observed.sync.revisions[sourceIndex] || undefined;
}

function waiting(reason: string, refresh?: boolean): Verdict {
  return refresh ? { is: 'waiting', reason, refresh } : { is: 'waiting', reason };
}

function errorsOf(observed: Sighting['observed']): string {
  return observed.errors.map(({ type, message }) => `${type}: ${message}`).join('; ') || 'no error either';
}

function short(revision: string): string {
  return /^[0-9a-f]{40}/.test(revision) ? revision.slice(0, 8) : revision;
}
