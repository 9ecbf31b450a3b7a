import type { WaitReason } from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';
import type { Observation } from '../observation.js';
import { type Evidence, type Verdict, waiting } from './verdict.js';

/** argo-watcher's condition for an Application that it cannot read; Argo CD's own conditions end in `Error` as well. */
const unreadable = 'UnreadableError';

/** The code of each condition; the ones that explain others come first. */
const reasons: Readonly<Record<string, WaitReason>> = {
  InvalidSpecError: 'SpecInvalid',
  ComparisonError: 'ComparisonFailed',
  SyncError: 'SyncRefused',
};

const errorLimit = 1_000;

/** Undefined while argo-watcher can read the Application. */
export function judgeReadable(evidence: Evidence, { observed }: Observation): Verdict | undefined {
  const error = observed.errors.find(({ type }) => type === unreadable);
  return error && waiting('ApplicationUnreadable', `${evidence.application}: ${error.message}`);
}

/** Undefined while Argo CD can compare the Application with Git and write what it finds. */
export function judgeErrors(evidence: Evidence, { observed }: Observation): Verdict | undefined {
  // The object is too large to be stored: Argo CD can write only this condition.
  if (observed.errors.some(({ type, message }) => type === 'UnknownError' && /stale/i.test(message))) {
    const why = `${evidence.application}: ${errorsOf(observed)}; this does not clear by itself`;
    return waiting('StatusTooLarge', why);
  }
  // The revision is then the text of targetRevision, or an old one: no later check could be trusted.
  return observed.sync.status === 'Unknown' ? errorVerdict(evidence, observed) : undefined;
}

/** What Argo CD's error conditions mean; undefined if there are none. */
export function errorVerdict({ application }: Evidence, observed: Observation['observed']): Verdict | undefined {
  if (observed.errors.length === 0) return undefined;
  return waiting(errorReason(observed) ?? 'ApplicationError', `${application}: ${errorsOf(observed)}`, {
    refresh: true,
  });
}

export function errorReason({ errors }: Observation['observed']): WaitReason | undefined {
  const known = Object.keys(reasons).find((type) => errors.some((error) => error.type === type));
  return known === undefined ? undefined : reasons[known];
}

/** Argo CD's message. */
export function errorsOf({ errors }: Observation['observed']): string {
  return sanitizeLine(errors.map(({ type, message }) => `${type}: ${message}`).join('; '), errorLimit);
}
