import type { Observation } from '../observation.js';
import {
  blind,
  comparedRevision,
  type Evidence,
  errorsOf,
  isOperating,
  observedRevision,
  short,
  type Verdict,
  waiting,
} from './verdict.js';

/** Undefined once the observed revision contains our commit and its files still name our image. */
export function judgeRevision(evidence: Evidence, observation: Observation): Verdict | undefined {
  const { application, commit, relation } = evidence;
  const { observed } = observation;
  const ours = short(commit.commit ?? commit.revision);
  if (observed.hydration && !observedRevision(evidence)) return hydrating(evidence, observation);
  const revision = observedRevision(evidence);
  if (!revision) {
    return waiting(`${application}: Argo CD reports no revision (${errorsOf(observed) || 'no error either'})`, true);
  }
  if (relation?.revision !== revision) {
    return { is: 'asking', message: `${application}: asking how ${short(revision)} relates to our commit ${ours}` };
  }
  const { relation, namesImage, named, message } = relation.answer;
  if (relation === 'unknown') {
    return blind(
      `${application}: cannot tell whether ${short(revision)} contains our commit ${ours}: ${message ?? 'no answer'}`,
    );
  }
  // Where the file had named the image before, any revision that names it will do.
  const contains =
    relation === 'same' || relation === 'contains' || (commit.commit === undefined && namesImage === true);
  if (!contains) return judgeOlder(evidence, observation, revision, ours);
  if (namesImage === true || (namesImage === undefined && evidence.file === undefined)) return undefined;
  if (namesImage === undefined) {
    return waiting(
      `${application}: cannot tell whether ${short(revision)} still names our image: ${message ?? 'no answer'}`,
    );
  }
  const instead = named ? ` but ${named}` : '';
  const why = `${application}: at ${short(revision)} the files name not our image${instead}: somebody changed it after our commit ${ours}`;
  return { is: 'failed', reason: 'RolledBack', message: why };
}

/** A revision without our commit: not there yet, or led back by somebody. */
function judgeOlder(evidence: Evidence, { observed }: Observation, revision: string, ours: string): Verdict {
  const { application, contained, relation } = evidence;
  if (contained) {
    const why = `${application}: Argo CD went back to ${short(revision)} from ${short(contained)}, which had our commit ${ours}`;
    // Compared once with something older, as by a cache, it is not deployed yet.
    return observed.sync.status === 'Synced'
      ? { is: 'failed', reason: 'RolledBack', message: why }
      : waiting(why, true);
  }
  // A running sync keeps its revision, also while it is tried again; a refresh would be lost on it.
  if (isOperating(observed)) {
    return waiting(`${application}: a sync of ${short(revision)} has to end first, before our commit ${ours}`);
  }
  const behind = relation?.answer.relation === 'behind';
  const where = behind ? `behind our commit ${ours}` : `whose history has no commit ${ours}`;
  const errors = errorsOf(observed);
  return waiting(`${application}: Argo CD is at ${short(revision)}, ${where}${errors && ` (${errors})`}`, true);
}

/** Argo CD compares with a hydrated revision; which of ours it was made from is not known, or not yet ours. */
function hydrating(evidence: Evidence, observation: Observation): Verdict {
  const { application } = evidence;
  const { phase, message, currentDryRevision } = observation.observed.hydration ?? {};
  const of = currentDryRevision ? ` of ${short(currentDryRevision)}` : '';
  if (phase === 'Failed') return waiting(`${application}: hydration${of} failed: ${message ?? 'no message'}`, true);
  if (phase === 'Hydrating') return waiting(`${application}: Argo CD is hydrating${of}`);
  const compared = comparedRevision(evidence, observation);
  const at = compared ? short(compared) : 'no revision';
  return waiting(`${application}: Argo CD is at ${at}, which is not what it hydrated last`, true);
}
