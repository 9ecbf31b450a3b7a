import { later, type Outcome } from '@k8sta/bus';
import { Lanes } from './lanes.js';
import { RequestedPart } from './requested-part.js';
import { Turns, type TurnsOptions, type Waiting } from './turns.js';
import type { Delivery, WriteStrategy } from './write-strategy.js';

/** The most requests that wait for one branch. More are handed back to the bus: a remote that hangs must not fill us. */
const laneLimit = 128;

/** Writes each part by a commit on its branch. The parts of one branch wait for each other and are written together. */
export class DirectCommits implements WriteStrategy {
  readonly #options: TurnsOptions;
  readonly #turns: Turns;
  readonly #lanes: Lanes<Waiting>;

  constructor(options: TurnsOptions) {
    this.#options = options;
    this.#turns = new Turns(options);
    this.#lanes = new Lanes<Waiting>((waiting) => this.#turns.take(waiting));
  }

  async write({ requested, repository, onNote }: Delivery): Promise<Outcome> {
    const { breaker, jitter } = this.#options;
    const branch = requested.data.branch ?? this.#turns.defaultBranch(repository.name) ?? '';
    // A request without a branch shares the lane of the default branch.
    const lane = this.#lanes.of(`${repository.name} ${branch}`);
    if (lane.length >= laneLimit) {
      return later(jitter(500), breaker.lastFailure([repository.name]) ?? 'many requests for this branch are waiting');
    }
    const part = new RequestedPart(requested, this.#options, onNote);
    lane.add({ part, repository });
    return part.outcome;
  }
}
