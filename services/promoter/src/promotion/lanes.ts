/** Works on everything that waits for one branch, and returns what has to wait for the next turn, in order. */
export type Turn<Item> = (waiting: Item[]) => Promise<Item[]>;

/** The queue of one branch. It has one turn at a time, and a turn gets everything that arrived before it started. */
export class Lane<Item> {
  readonly #turn: Turn<Item>;
  #waiting: Item[] = [];
  #inTurn = 0;

  constructor(turn: Turn<Item>) {
    this.#turn = turn;
  }

  /** How many items wait or are in the current turn. */
  get length(): number {
    return this.#waiting.length + this.#inTurn;
  }

  add(item: Item): void {
    this.#waiting.push(item);
    if (this.#inTurn === 0) void this.#run();
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const items = this.#waiting;
      this.#waiting = [];
      this.#inTurn = items.length;
      const staying = await this.#turn(items);
      this.#waiting.unshift(...staying);
    }
    this.#inTurn = 0;
  }
}

/** One lane for each (repository, branch): everything from fetch to push goes through it. */
export class Lanes<Item> {
  readonly #turn: Turn<Item>;
  readonly #lanes = new Map<string, Lane<Item>>();

  /** The turn must not reject: it passes errors to the items. */
  constructor(turn: Turn<Item>) {
    this.#turn = turn;
  }

  of(key: string): Lane<Item> {
    const known = this.#lanes.get(key);
    if (known) return known;
    for (const [other, lane] of this.#lanes) if (lane.length === 0) this.#lanes.delete(other);
    const lane = new Lane(this.#turn);
    this.#lanes.set(key, lane);
    return lane;
  }
}
