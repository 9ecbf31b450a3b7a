import type { CircuitBreaker } from '../git/circuit-breaker.js';
import { RemoteFault, type RepositoryAt } from '../git/git.js';
import { answerEach, postpone, promoteTogether } from './promote.js';
import type { PromotionContext, RequestedPart } from './requested-part.js';

/** A part that waits for its branch. */
export interface Waiting {
  readonly part: RequestedPart;
  readonly repository: RepositoryAt;
}

export interface TurnsOptions extends PromotionContext {
  readonly breaker: CircuitBreaker;
  /** Spreads a delay, so that waiting parts do not come back all at once. */
  readonly jitter: (ms: number) => number;
}

/** The turns of all lanes. A turn answers what it can, promotes one batch of parts, and returns the rest. */
export class Turns {
  readonly #options: TurnsOptions;
  /** The default branch of each remote, learnt from plans. */
  readonly #defaults = new Map<string, string>();

  constructor(options: TurnsOptions) {
    this.#options = options;
  }

  /** The default branch of this repository, if it is known. */
  defaultBranch(repository: string): string | undefined {
    return this.#defaults.get(repository);
  }

  async take(waiting: Waiting[]): Promise<Waiting[]> {
    const [first] = waiting;
    if (!first) return [];
    const { repository } = first;
    const { breaker, now, jitter } = this.#options;
    const open = breaker.open(repository.name, now());
    const pending = await answerEach(
      waiting.map(({ part }) => part),
      (part) => part.giveUp(breaker.lastFailure(repository.name)),
    );
    if (open) postpone(pending, () => jitter(open.pauseMs), open.why);
    else await this.#promote(repository, pending);
    return waiting.filter(({ part }) => !part.isAnswered);
  }

  /** Promotes one batch. Parts outside the batch, and those that have to be written again, stay unanswered. */
  async #promote(repository: RepositoryAt, pending: readonly RequestedPart[]): Promise<void> {
    const [first, ...others] = pending;
    if (!first) return;
    const { breaker, write, now, jitter } = this.#options;
    const branch = first.branch ?? this.defaultBranch(repository.name);
    const sameBranch = others.filter((each) => each.branch === first.branch);
    const batch = write.batch({ repository, branch }, [first, ...sameBranch]);
    const unnamed = batch.filter((each) => each.branch === undefined);
    try {
      await promoteTogether(repository, batch, this.#options);
      for (const { plan } of unnamed) if (plan) this.#defaults.set(repository.name, plan.branch);
      breaker.succeeded(repository.name);
    } catch (error) {
      if (error instanceof RemoteFault) {
        const pauseMs = breaker.failed(repository.name, error.message, now());
        postpone(batch, () => jitter(pauseMs), error.message);
      } else for (const part of batch) part.reject(error as Error);
    }
  }
}
