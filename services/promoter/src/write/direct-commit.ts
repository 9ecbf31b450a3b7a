import { setTimeout as pause } from 'node:timers/promises';
import type { Git } from '../git/git.js';
import type { Metrics } from '../metrics.js';
import type { Pushed } from '../part.js';
import type { BranchWriter, Candidate, Destination, Landing } from './write.js';

/** The most commits in one push. Half as many after a lost race: a push that takes longer loses more often. */
const maxBatch = 32;

/**
 * But no fewer than these. Requests take most of the time of a push, and a commit takes some milliseconds: beside a busy
 * rival, fewer commits hardly win more races.
 */
const minBatch = 8;

/** After so many lost races in a row a part lets the others on its branch go first. */
const maxPushes = 20;

/** After so many lost races in a row a push waits a random time, so that replicas do not collide again and again. */
const patientAfter = 3;

export interface DirectCommitOptions {
  readonly git: Pick<Git, 'push'>;
  readonly metrics: Pick<Metrics, 'pushLost'>;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** What happened to a part in earlier pushes. */
interface History {
  lostPushes: number;
  /** The server refused a push that this part was in, so it is pushed alone. */
  isAlone: boolean;
}

/** Pushes one commit for each part to the branch itself. */
export class DirectCommit implements BranchWriter {
  readonly #options: DirectCommitOptions;
  readonly #histories = new WeakMap<Candidate, History>();
  /** The size of the next batch, for branches on which a race was lost. */
  readonly #limits = new Map<string, number>();

  constructor(options: DirectCommitOptions) {
    this.#options = options;
  }

  batch<Waiting extends Candidate>(
    { repository, branch }: Parameters<BranchWriter['batch']>[0],
    waiting: readonly [Waiting, ...Waiting[]],
  ): Waiting[] {
    const [first] = waiting;
    if (this.#historyOf(first).isAlone) return [first];
    const limit = this.#limits.get(`${repository.name} ${branch ?? ''}`) ?? maxBatch;
    return waiting.filter((each) => !this.#historyOf(each).isAlone).slice(0, limit);
  }

  async land({ repository, branch }: Destination, candidates: readonly Candidate[]): Promise<Landing[]> {
    const parts = candidates.map((each) => each.part());
    const outcomes = await this.#options.git.push(repository, parts, branch);
    const isLost = outcomes.some(({ is }) => is === 'lost');
    this.#adaptLimit(`${repository.name} ${branch}`, candidates.length, isLost);
    const landings = candidates.map((each, index) => this.#landing(each, outcomes[index], branch));
    if (isLost) {
      this.#options.metrics.pushLost();
      const attempts = landings.map((each) => (each.is === 'retry' ? each.attempt : 0));
      if (Math.max(...attempts) > patientAfter) await pause(this.#options.random() * 50);
    }
    return landings;
  }

  #landing(candidate: Candidate, outcome: Pushed | undefined, branch: string): Landing {
    if (!outcome) throw new Error('the push has no outcome for a part');
    const history = this.#historyOf(candidate);
    switch (outcome.is) {
      case 'pushed':
        return { is: 'landed', branch, commit: outcome.commit, applications: outcome.applications };
      case 'mixed':
        history.isAlone = true;
        return { is: 'retry', why: outcome.why, attempt: history.lostPushes };
      case 'lost':
        history.lostPushes++;
        if (history.lostPushes < maxPushes) return { is: 'retry', why: outcome.why, attempt: history.lostPushes };
        return {
          is: 'postponed',
          message: `${maxPushes} pushes in a row lost a race`,
          delayMs: 250 + this.#options.random() * 500,
        };
      default:
        return outcome;
    }
  }

  #adaptLimit(key: string, pushed: number, isLost: boolean): void {
    const limit = this.#limits.get(key) ?? maxBatch;
    if (isLost) this.#limits.set(key, Math.max(minBatch, Math.floor(pushed / 2)));
    else if (limit < maxBatch) this.#limits.set(key, limit * 2);
    else this.#limits.delete(key);
  }

  #historyOf(candidate: Candidate): History {
    const history = this.#histories.get(candidate) ?? { lostPushes: 0, isAlone: false };
    this.#histories.set(candidate, history);
    return history;
  }
}
