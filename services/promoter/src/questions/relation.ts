import type { gitRelation } from '@k8sta/contracts';
import type { z } from 'zod';
import { type Git, repositoryOf } from '../git/git.js';
import { RemoteFault } from '../git/worker-process.js';

type Question = z.infer<typeof gitRelation.request>;
type Reply = z.infer<typeof gitRelation.reply>;

export interface RelateOptions {
  readonly git: Pick<Git, 'relation'>;
  readonly isAllowed: (repository: string) => boolean;
  /** How long an answer may take; then it is `unknown`, and a fetch that still runs serves the next question. */
  readonly budgetMs: number;
}

/** Answers `k8sta.git.relation`. Never a guess, and never late: what cannot be told in time is unknown. */
export function relationAnswerer({ git, isAllowed, budgetMs }: RelateOptions): (question: Question) => Promise<Reply> {
  return async (question) => {
    try {
      const repository = repositoryOf(question.repository, isAllowed);
      if (typeof repository === 'string') return unknown(repository);
      return await within(budgetMs, git.relation(repository, question, AbortSignal.timeout(budgetMs)));
    } catch (error) {
      if (error instanceof RemoteFault) return unknown(error.message);
      throw error;
    }
  };
}

function unknown(message: string): Reply {
  return { relation: 'unknown', message };
}

async function within(ms: number, answer: Promise<Reply>): Promise<Reply> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Reply>((resolve) => {
    timer = setTimeout(() => resolve(unknown(`the repository could not be read within ${ms} ms`)), ms);
  });
  // Whoever comes too late still must not be an error that nobody catches.
  answer.catch(() => {});
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
