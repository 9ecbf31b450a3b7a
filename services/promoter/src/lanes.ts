import { Serial } from './serial.js';

/** One queue per (repository, branch): everything from fetch to push goes through it, one part after the other. */
export class Lanes {
  readonly #lanes = new Map<string, Serial>();

  of(key: string): Serial {
    const known = this.#lanes.get(key);
    if (known) return known;
    for (const [other, lane] of this.#lanes) if (lane.length === 0) this.#lanes.delete(other);
    const lane = new Serial();
    this.#lanes.set(key, lane);
    return lane;
  }
}
