import type { gitInspection } from '@k8sta/contracts';
import type { z } from 'zod';
import { type Git, repositoryOf } from './git.js';
import { RemoteFault } from './worker-process.js';

type Question = z.infer<typeof gitInspection.request>;
type Reply = z.infer<typeof gitInspection.reply>;

export interface InspectOptions {
  readonly git: Pick<Git, 'plan'>;
  readonly isAllowed: (repository: string) => boolean;
  readonly now: () => Date;
}

/** Answers `k8sta.git.inspection`: plans a part as for a promotion, and leaves it at that. */
export function inspectionAnswerer({ git, isAllowed, now }: InspectOptions): (question: Question) => Promise<Reply> {
  return async ({ repository: address, branch, applications, protectedSources }) => {
    const repository = repositoryOf(address, isAllowed);
    if (typeof repository === 'string') {
      return { is: 'refused', reason: 'RepositoryNotAllowed', message: repository };
    }
    try {
      const plan = await git.plan(repository, {
        ...{ id: 'inspection', ticket: 'inspection', track: 'inspection', station: 'inspection' },
        ...{ ...(branch ? { branch } : {}), applications, protectedSources, requestedAt: now().toISOString() },
      });
      if (plan.is === 'refused') return { is: 'refused', reason: plan.reason, message: plan.message };
      return { is: 'possible', applications: plan.applications };
    } catch (error) {
      if (!(error instanceof RemoteFault)) throw error;
      return { is: 'unknown', message: error.message };
    }
  };
}
