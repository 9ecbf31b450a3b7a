import type { Remotes } from '../git/circuit-breaker.js';
import type { RepositoryAt } from '../git/git.js';
import { RemoteFault } from '../git/worker-process.js';
import { answerEach, postpone, promoteTogether } from './promote.js';
import type { RequestedPart, Surroundings } from './requested-part.js';

/** Commits in one push at most. Half as many after a lost race: what takes longer to make is overtaken more easily. */
const togetherLimit = 32;

/** A part that waits for its branch. */
export interface Waiting {
  readonly part: RequestedPart;
  readonly repository: RepositoryAt;
}

export interface TurnsOptions extends Surroundings {
  readonly remotes: Remotes;
  /** Spreads a delay, so that what waits does not come again all at once. */
  readonly jitter: (ms: number) => number;
}

/** The turns of all lanes: each answers what it can, promotes together what belongs together, and returns the rest. */
export class Turns {
  readonly #options: TurnsOptions;
  /** Of branches on which a race was lost, how many commits the next push may have. */
  readonly #limits = new Map<string, number>();
  /** Learnt from the plans: the name of a remote's default branch. */
  readonly #defaults = new Map<string, string>();

  constructor(options: TurnsOptions) {
    this.#options = options;
  }

  /** The default branch of this repository, where it is known. */
  defaultBranch(repository: string): string | undefined {
    return this.#defaults.get(repository);
  }

  async take(waiting: Waiting[]): Promise<Waiting[]> {
    const [first] = waiting;
    if (!first) return [];
    const { repository } = first;
    const { remotes, now, jitter } = this.#options;
    const away = remotes.away(repository.name, now());
    const open = await answerEach(
      waiting.map(({ part }) => part),
      (part) => part.giveUp(remotes.lastFailure(repository.name)),
    );
    if (away) postpone(open, () => jitter(away.pauseMs), away.why);
    else await this.#promote(repository, open);
    return waiting.filter(({ part }) => !part.isAnswered);
  }

  /** Promotes those of the parts that belong together, and leaves the others, and those that lost a race, unanswered. */
  async #promote(repository: RepositoryAt, open: readonly RequestedPart[]): Promise<void> {
    const [first] = open;
    if (!first) return;
    const { remotes, now, jitter } = this.#options;
    const key = `${repository.name} ${first.branch ?? ''}`;
    const limit = this.#limits.get(key) ?? togetherLimit;
    const together = choose(first, open, limit);
    const unnamed = together.filter(({ branch }) => branch === undefined);
    try {
      const lost = await promoteTogether(repository, together, this.#options);
      if (lost.length > 0) this.#limits.set(key, Math.max(1, Math.floor(together.length / 2)));
      else if (limit < togetherLimit) this.#limits.set(key, limit * 2);
      else this.#limits.delete(key);
      for (const { plan } of unnamed) if (plan) this.#defaults.set(repository.name, plan.branch);
      remotes.answered(repository.name);
    } catch (error) {
      if (error instanceof RemoteFault) {
        const pauseMs = remotes.failed(repository.name, error.message, now());
        postpone(together, () => jitter(pauseMs), error.message);
      } else for (const part of together) part.reject(error as Error);
    }
  }
}

/** The parts that go out in the next push: those of one branch, or one whose push has to be seen alone. */
function choose(first: RequestedPart, parts: readonly RequestedPart[], limit: number): RequestedPart[] {
  if (first.isAlone) return [first];
  return parts.filter(({ branch, isAlone }) => branch === first.branch && !isAlone).slice(0, limit);
}
