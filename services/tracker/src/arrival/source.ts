import { branchRef, normaliseGitUrl } from '@k8sta/contracts';
import type { Observation } from '../observation.js';
import { type Evidence, type Verdict, waiting } from './verdict.js';

/** Undefined while the Application's source is where our commit went: another source says nothing about our commit. */
export function judgeSource(evidence: Evidence, { observed }: Observation): Verdict | undefined {
  const { application, source: asked, sourceIndex } = evidence;
  if (!asked) return undefined;
  const now = observed.sources[sourceIndex];
  const isSame =
    now !== undefined &&
    (now.repository === asked.repository || nameOf(now.repository) === nameOf(asked.repository)) &&
    branchRef(now.targetRevision) === asked.branch &&
    asked.paths.every((path) => observed.sources.some((each) => each.path === path));
  if (isSame) return undefined;
  const where = now ? `${now.repository}, ${now.targetRevision || 'HEAD'}, ${now.path ?? '.'}` : 'none';
  return waiting('SourceChanged', `${application}: its source was changed after our commit, and is now ${where}`);
}

function nameOf(repository: string): string {
  try {
    return normaliseGitUrl(repository);
  } catch {
    return repository;
  }
}
