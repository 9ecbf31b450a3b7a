import type { gitInspection } from '@k8sta/contracts';
import type { z } from 'zod';
import { CircuitBreaker, failedRemote, remotesOf } from '../git/circuit-breaker.js';
import { type Git, RemoteFault, repositoryOf } from '../git/git.js';

type Question = z.infer<typeof gitInspection.request>;
type Reply = z.infer<typeof gitInspection.reply>;

export interface InspectionOptions {
  readonly git: Pick<Git, 'inspect'>;
  readonly isAllowed: (repository: string) => boolean;
  readonly now: () => Date;
  /** How long an answer may take. The tracker asks again later. */
  readonly budgetMs: number;
}

/**
 * Answers `k8sta.git.inspection`: plans a part as for a promotion and commits nothing. This is background work: a remote
 * that fails is not tried for a while, so that it does not block the few workers for inspections.
 */
export function inspectionAnswerer({
  git,
  isAllowed,
  now,
  budgetMs,
}: InspectionOptions): (question: Question) => Promise<Reply> {
  const breaker = new CircuitBreaker();
  return async ({ repository: address, branch, applications, protectedSources }) => {
    const repository = repositoryOf(address, isAllowed);
    if (typeof repository === 'string') {
      return { is: 'refused', reason: 'RepositoryNotAllowed', message: repository };
    }
    const remotes = remotesOf(repository, [{ applications }]);
    const open = breaker.open(remotes, now());
    if (open) return { is: 'unknown', message: open.why };
    try {
      const part = {
        ...{ id: 'inspection', ticket: 'inspection', track: 'inspection', station: 'inspection' },
        ...{ ...(branch ? { branch } : {}), applications, protectedSources, requestedAt: now().toISOString() },
      };
      const plan = await git.inspect(repository, part, AbortSignal.timeout(budgetMs));
      for (const remote of remotes) breaker.succeeded(remote);
      if (plan.is === 'refused') return { is: 'refused', reason: plan.reason, message: plan.message };
      return { is: 'possible', applications: plan.applications };
    } catch (error) {
      if (!(error instanceof RemoteFault)) throw error;
      breaker.failed(failedRemote(repository, error), error.message, now());
      return { is: 'unknown', message: error.message };
    }
  };
}
