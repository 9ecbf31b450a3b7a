import type { Observation } from '../observation.js';
import { errorReason, errorsOf } from './errors.js';
import { underWay } from './operation.js';
import {
  type ArrivalPolicy,
  asking,
  awaitedCommit,
  comparedRevision,
  containsOurs,
  type Evidence,
  isOperating,
  observedRevision,
  refreshWhenQuiet,
  short,
  type Verdict,
  waiting,
} from './verdict.js';

/** Undefined once the observed revision contains our commit and its files still name our image. */
export function judgeRevision(
  evidence: Evidence,
  observation: Observation,
  now: Date,
  policy: ArrivalPolicy,
): Verdict | undefined {
  const { application, relation } = evidence;
  const ours = short(awaitedCommit(evidence));
  const revision = observedRevision(evidence);
  if (!revision) {
    return observation.observed.hydration ? hydrating(evidence, observation, now) : missing(evidence, observation, now);
  }
  if (relation?.revision !== revision) {
    return asking(`${application}: asking how ${short(revision)} relates to our commit ${ours}`);
  }
  const contains = containsOurs(evidence);
  const { namesImage, named, message = 'no answer' } = relation.answer;
  if (contains === undefined) {
    const why = `${application}: cannot tell whether ${short(revision)} contains our commit ${ours}: ${message}`;
    return waiting('RelationUnknown', why, {
      blind: true,
      until: Date.parse(relation.askedAt) + policy.askAgainMs,
    });
  }
  if (!contains) return judgeOlder(evidence, observation, revision, now);
  if (namesImage === true || (namesImage === undefined && evidence.file === undefined)) return undefined;
  if (namesImage === undefined) {
    const why = `${application}: cannot tell whether ${short(revision)} still names our image: ${message}`;
    return waiting('RelationUnknown', why);
  }
  const instead = named ? `name ${named} instead of our image` : 'do not name our image';
  const why = `${application}: at ${short(revision)} the files ${instead}: a person or another tool changed them after our commit ${ours}`;
  return changedByOther(evidence, relation, why, now, policy);
}

/** A change counts once it has persisted for the settle time after a refresh: somebody may undo it at once. */
function changedByOther(
  { refreshedAt }: Evidence,
  { askedAt: seenAt }: NonNullable<Evidence['relation']>,
  message: string,
  now: Date,
  { settleMs }: ArrivalPolicy,
): Verdict {
  if (refreshedAt === undefined || Date.parse(refreshedAt) < Date.parse(seenAt)) {
    return waiting('ChangedByOther', message, { refresh: true });
  }
  const persistsAt = Date.parse(refreshedAt) + settleMs;
  if (now.getTime() < persistsAt) return waiting('ChangedByOther', message, { until: persistsAt });
  return { is: 'failed', reason: 'ChangedByOther', message };
}

/** Argo CD reports no commit: it has not compared yet, or could not. */
function missing(evidence: Evidence, observation: Observation, now: Date): Verdict {
  if (isOperating(observation.observed)) return underWay(evidence, observation, now);
  const compared = comparedRevision(evidence);
  const reported = compared ? `"${compared}", which is no commit id` : 'no revision';
  const errors = errorsOf(observation.observed);
  const why = `${evidence.application}: ${errors && `${errors}; `}Argo CD reports ${reported}`;
  return waiting(errorReason(observation.observed) ?? 'RevisionMissing', why, { refresh: true });
}

/** A revision without our commit: Argo CD has not compared it yet, or somebody rolled back. */
function judgeOlder(evidence: Evidence, observation: Observation, revision: string, now: Date): Verdict {
  const { application, contained, relation } = evidence;
  const { observed } = observation;
  const ours = short(awaitedCommit(evidence));
  if (contained) {
    const why = `${application}: Argo CD went back to ${short(revision)} from ${short(contained)}, which had our commit ${ours}`;
    // After a comparison with an older revision, for example from a cache, it is not deployed yet.
    return observed.sync.status === 'Synced'
      ? { is: 'failed', reason: 'ChangedByOther', message: why }
      : waiting('RevisionBehind', why, { refresh: true });
  }
  if (isOperating(observed)) return underWay(evidence, observation, now);
  const behind = relation?.answer.relation === 'behind';
  const where = behind ? `behind our commit ${ours}` : `whose history does not contain our commit ${ours}`;
  const errors = errorsOf(observed);
  const why = `${application}: ${errors && `${errors}; `}Argo CD is at ${short(revision)}, ${where}`;
  return waiting(behind ? 'RevisionBehind' : 'RevisionUnrelated', why, { refresh: true });
}

/** Argo CD compares with a hydrated revision whose dry revision is unknown, or not yet ours. */
function hydrating(evidence: Evidence, observation: Observation, now: Date): Verdict {
  const { application } = evidence;
  const { phase, message, currentDryRevision } = observation.observed.hydration ?? {};
  const of = currentDryRevision ? ` of ${short(currentDryRevision)}` : '';
  if (phase === 'Failed') {
    const why = `${application}: hydration${of} failed: ${message ?? 'no message'}`;
    return waiting('HydrationFailed', why, { refresh: true });
  }
  if (phase === 'Hydrating') {
    return waiting('Hydrating', `${application}: Argo CD is hydrating${of}`, refreshWhenQuiet(observation, now));
  }
  const compared = comparedRevision(evidence);
  const at = compared ? short(compared) : 'no revision';
  const why = `${application}: Argo CD is at ${at}, which is not what it hydrated last`;
  return waiting('Hydrating', why, { refresh: true });
}
