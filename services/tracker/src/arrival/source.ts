import { branchRef, normaliseGitUrl } from '@k8sta/contracts';
import type { Observation } from '../observation.js';
import { blocked, type Evidence, type Verdict } from './verdict.js';

/** Undefined while the Application's source is where our commit went: what is deployed from elsewhere says nothing of it. */
export function judgeSource(evidence: Evidence, { observed }: Observation): Verdict | undefined {
  const { application, source: asked, sourceIndex } = evidence;
  // One that could not be read shows none, and says so itself.
  if (!asked || observed.sources.length === 0) return undefined;
  const now = observed.sources[sourceIndex];
  const isSame =
    now !== undefined &&
    nameOf(now.repository) === nameOf(asked.repository) &&
    branchRef(now.targetRevision) === asked.branch &&
    (now.path ?? '.') === asked.path;
  if (isSame) return undefined;
  const where = now ? `${now.repository}, ${now.targetRevision || 'HEAD'}, ${now.path ?? '.'}` : 'none';
  return blocked(`${application}: its source was changed after our commit, and is ${where} now`);
}

function nameOf(repository: string): string {
  try {
    return normaliseGitUrl(repository);
  } catch {
    return repository;
  }
}
