import type { Order } from './worker/protocol.js';
import { type Budgets, WorkerProcess } from './worker-process.js';

/** Who waits for an order: a commit goes first, then a question about history, then what is only looked at. */
export const urgencies = ['commit', 'question', 'inspection'] as const;
export type Urgency = (typeof urgencies)[number];

export function urgencyOf({ op }: Pick<Order, 'op'>): Urgency {
  switch (op) {
    case 'plan':
    case 'push':
      return 'commit';
    case 'relation':
      return 'question';
    case 'inspect':
      return 'inspection';
    default:
      throw new TypeError(`no such order: ${op satisfies never}`);
  }
}

/** What an order needs of a process. */
export interface Need {
  readonly repository: string;
  readonly urgency: Urgency;
}

/**
 * How many orders a process carries out at once. nodegit has ten native threads, and a remote that hangs keeps one: two
 * stay free. What is less urgent leaves room for what is more so.
 */
const ordersPerProcess = { commit: 8, question: 6, inspection: 1 } as const satisfies Record<Urgency, number>;

/** The same for one repository, so that the orders for one whose remote hangs leave room for the others. */
const ordersPerRepository = { commit: 6, question: 4, inspection: 1 } as const satisfies Record<Urgency, number>;

/** With fewer orders than this a process begins another one at once. */
const atEase = 4;

/** Each holds a few open files. */
const maxMirrors = 128;

/** After so many orders a process is replaced: it tidies its mirrors when it opens them, and a native leak stays bounded. */
const maxOrders = 5_000;

/** One process of the pool, the mirrors that it holds and the orders that it was given. */
export class Seat {
  readonly worker: WorkerProcess;
  /** Repository to directory, the one that was used last at the end. */
  readonly #mirrors = new Map<string, string>();
  readonly #running = new Set<Need>();
  #idle: NodeJS.Timeout | undefined;

  constructor(budgets: Budgets) {
    this.worker = new WorkerProcess(budgets);
  }

  /** How many orders it was given and has not answered. */
  get load(): number {
    return this.#running.size;
  }

  get mirrors(): number {
    return this.#mirrors.size;
  }

  /** Whether it takes orders: it is replaced when it has worked long enough. */
  get isOpen(): boolean {
    return this.worker.isAlive && this.worker.orders < maxOrders;
  }

  /** Whether an order would be begun at once here, and not behind many others or beside a remote that may hang. */
  get isAtEase(): boolean {
    return this.isOpen && this.worker.isStarted && this.load < atEase && !this.worker.isQuiet;
  }

  /** Whether the mirror of this repository is its own; until it lets go, no other process may touch it. */
  holds(repository: string): boolean {
    return this.#mirrors.has(repository);
  }

  /** How many orders it carries out for this repository. */
  loadOf(repository: string): number {
    return this.#count((each) => each.repository === repository);
  }

  hasRoom(urgency: Urgency): boolean {
    if (!this.isOpen || this.load >= ordersPerProcess.commit) return false;
    return this.#count((each) => isAtMost(each.urgency, urgency)) < ordersPerProcess[urgency];
  }

  hasRoomFor({ repository, urgency }: Need): boolean {
    if (!this.hasRoom(urgency) || this.loadOf(repository) >= ordersPerRepository.commit) return false;
    const counts = (each: Need) => each.repository === repository && isAtMost(each.urgency, urgency);
    return this.#count(counts) < ordersPerRepository[urgency];
  }

  inspections(): number {
    return this.#count(({ urgency }) => urgency === 'inspection');
  }

  begin(need: Need, directory: string): void {
    clearTimeout(this.#idle);
    this.#running.add(need);
    this.#mirrors.delete(need.repository);
    this.#mirrors.set(need.repository, directory);
    for (const repository of this.#mirrors.keys()) {
      if (this.#mirrors.size <= maxMirrors) break;
      if (this.loadOf(repository) === 0) this.release(repository);
    }
  }

  /** An order is over. Without any, the process ends after a while, and at once when it has worked long enough. */
  finish(need: Need, idleMs: number): void {
    this.#running.delete(need);
    if (this.load > 0 || !this.worker.isAlive) return;
    if (!this.isOpen) void this.worker.kill('it has worked long enough');
    else {
      this.#idle = setTimeout(() => void this.worker.kill('it had nothing to do'), idleMs);
      this.#idle.unref();
    }
  }

  release(repository: string): void {
    const directory = this.#mirrors.get(repository);
    this.#mirrors.delete(repository);
    if (directory !== undefined) this.worker.release(directory);
  }

  /** The mirrors that may have made the process crash: those in use, else the one that was used last. */
  suspects(): string[] {
    const inUse = [...this.#mirrors].filter(([repository]) => this.loadOf(repository) > 0);
    const last = [...this.#mirrors].slice(-1);
    return (inUse.length > 0 ? inUse : last).map(([, directory]) => directory);
  }

  ended(): void {
    clearTimeout(this.#idle);
  }

  #count(is: (each: Need) => boolean): number {
    let count = 0;
    for (const each of this.#running) if (is(each)) count++;
    return count;
  }
}

/** Whether it is as urgent as the other, or less. */
function isAtMost(urgency: Urgency, other: Urgency): boolean {
  return urgencies.indexOf(urgency) >= urgencies.indexOf(other);
}
