import type { gitInspection } from '@k8sta/contracts';
import type { z } from 'zod';
import { Remotes } from '../git/circuit-breaker.js';
import { type Git, repositoryOf } from '../git/git.js';
import { RemoteFault } from '../git/worker-process.js';

type Question = z.infer<typeof gitInspection.request>;
type Reply = z.infer<typeof gitInspection.reply>;

export interface InspectOptions {
  readonly git: Pick<Git, 'inspect'>;
  readonly isAllowed: (repository: string) => boolean;
  readonly now: () => Date;
  /** How long an answer may take; the tracker asks again later. */
  readonly budgetMs: number;
}

/**
 * Answers `k8sta.git.inspection`: plans a part as for a promotion, and leaves it at that. It is background work: a
 * remote that fails is left alone for a while, and does not keep the few workers busy that are there for inspections.
 */
export function inspectionAnswerer({
  git,
  isAllowed,
  now,
  budgetMs,
}: InspectOptions): (question: Question) => Promise<Reply> {
  const remotes = new Remotes();
  return async ({ repository: address, branch, applications, protectedSources }) => {
    const repository = repositoryOf(address, isAllowed);
    if (typeof repository === 'string') {
      return { is: 'refused', reason: 'RepositoryNotAllowed', message: repository };
    }
    const away = remotes.away(repository.name, now());
    if (away) return { is: 'unknown', message: away.why };
    try {
      const part = {
        ...{ id: 'inspection', ticket: 'inspection', track: 'inspection', station: 'inspection' },
        ...{ ...(branch ? { branch } : {}), applications, protectedSources, requestedAt: now().toISOString() },
      };
      const plan = await git.inspect(repository, part, AbortSignal.timeout(budgetMs));
      remotes.answered(repository.name);
      if (plan.is === 'refused') return { is: 'refused', reason: plan.reason, message: plan.message };
      return { is: 'possible', applications: plan.applications };
    } catch (error) {
      if (!(error instanceof RemoteFault)) throw error;
      remotes.failed(repository.name, error.message, now());
      return { is: 'unknown', message: error.message };
    }
  };
}
