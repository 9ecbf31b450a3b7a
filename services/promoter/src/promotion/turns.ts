import { type CircuitBreaker, failedRemote, remotesOf } from '../git/circuit-breaker.js';
import { ElsewhereFault, RemoteFault, type RepositoryAt } from '../git/git.js';
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
    const at = now();
    const pending = await answerEach(
      waiting.map(({ part }) => part),
      (part) => part.giveUp(breaker.lastFailure(remotesOf(repository, [part.part()]))),
    );
    for (const part of pending) {
      const open = breaker.open(remotesOf(repository, [part.part()]), at);
      if (open) postpone([part], () => jitter(open.pauseMs), open.why);
    }
    const able = pending.filter(({ isAnswered }) => !isAnswered);
    await this.#promote(repository, able);
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
      const parts = batch.map((part) => part.part());
      for (const remote of remotesOf(repository, parts)) breaker.succeeded(remote);
    } catch (error) {
      if (error instanceof RemoteFault) {
        const pauseMs = breaker.failed(failedRemote(repository, error), error.message, now());
        // The others do not need the repository that failed, and go in the next turn.
        const held = error instanceof ElsewhereFault ? batch.filter(({ id }) => error.readers.includes(id)) : batch;
        postpone(held, () => jitter(pauseMs), error.message);
      } else for (const part of batch) part.reject(error as Error);
    }
  }
}
