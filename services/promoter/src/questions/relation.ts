import type { gitRelation } from '@k8sta/contracts';
import type { z } from 'zod';
import { type Git, RemoteFault, repositoryOf } from '../git/git.js';

type Question = z.infer<typeof gitRelation.request>;
type Reply = z.infer<typeof gitRelation.reply>;

export interface RelationOptions {
  readonly git: Pick<Git, 'relation'>;
  readonly isAllowed: (repository: string) => boolean;
  /** How long an answer may take. After that it is `unknown`, and a fetch that is still running serves the next question. */
  readonly budgetMs: number;
}

/** Answers `k8sta.git.relation`. It never guesses and is never late: without a result in time the answer is `unknown`. */
export function relationAnswerer({
  git,
  isAllowed,
  budgetMs,
}: RelationOptions): (question: Question) => Promise<Reply> {
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
  // A late rejection must not be an unhandled one.
  answer.catch(() => {});
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
