import { createHash } from 'node:crypto';
import { access, constants, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileReason } from '@k8sta/contracts';
import { ConfigError } from '@k8sta/runtime';
import type { AnswerTo, Order } from './worker/protocol.js';
import { type Budgets, RemoteFault, WorkerProcess } from './worker-process.js';

export interface WorkersOptions extends Budgets {
  /** Where the mirrors are kept. No other promoter may use the same directory. */
  readonly directory: string;
  /** How many may run at once; each takes about 80 MB. */
  readonly limit: number;
  /** How long one without work is kept. */
  readonly idleMs: number;
}

/** After so many orders a process is replaced: it tidies its mirror when it starts, and a native leak stays bounded. */
const maxOrders = 5_000;

interface Slot {
  readonly worker: WorkerProcess;
  /** Its process has ended and its place is free. */
  readonly gone: Promise<void>;
  /** Orders on their way to it, so that nobody ends it in between. */
  users: number;
  idle?: NodeJS.Timeout;
}

/** Makes the directory of the mirrors. Throws a ConfigError when they cannot be written there. */
export async function prepareDirectory(variable: string, path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
    await access(path, constants.W_OK);
  } catch (error) {
    throw new ConfigError([`${variable}: ${path} cannot be written to: ${fileReason(error as NodeJS.ErrnoException)}`]);
  }
}

/** One process per repository, started when it is needed and ended when it is not. */
export class Workers {
  readonly #options: WorkersOptions;
  readonly #slots = new Map<string, Slot>();
  readonly #queue: (() => void)[] = [];
  #isClosed = false;

  constructor(options: WorkersOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#slots.size;
  }

  /** Has the repository's worker carry out an order. Rejects with a RemoteFault. */
  async ask<Op extends Order['op']>(repository: string, order: Extract<Order, { op: Op }>): Promise<AnswerTo<Op>> {
    const slot = await this.#take(repository);
    try {
      return await slot.worker.ask(order);
    } finally {
      this.#release(repository, slot);
    }
  }

  /** Ends them all now; what they were doing fails, and so does what they are asked from now on. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#slots.values()].map(({ worker }) => worker.kill('the service ends')));
  }

  async #take(repository: string): Promise<Slot> {
    await mkdir(this.#options.directory, { recursive: true });
    for (;;) {
      if (this.#isClosed) throw new RemoteFault('the service ends');
      const running = this.#slots.get(repository);
      if (running?.worker.isAlive) {
        clearTimeout(running.idle);
        running.users++;
        return running;
      }
      if (!running && this.#slots.size < this.#options.limit) return this.#start(repository);
      // One that was killed keeps its slot, and may still hold its files, until it is gone.
      if (running) await running.gone;
      else await this.#room();
    }
  }

  #start(repository: string): Slot {
    const directory = join(this.#options.directory, directoryOf(repository));
    const worker = new WorkerProcess(directory, this.#options);
    const gone = worker.ended.then(async () => {
      clearTimeout(slot.idle);
      // What made it crash may lie in its mirror, and would make the next one crash too.
      if (worker.endedByItself) await rm(directory, { recursive: true, force: true });
      this.#slots.delete(repository);
      this.#queue.shift()?.();
    });
    const slot: Slot = { worker, gone, users: 1 };
    this.#slots.set(repository, slot);
    return slot;
  }

  /** Waits for a slot; the first of those without work gives way. */
  async #room(): Promise<void> {
    const gone = new Promise<void>((resolve) => this.#queue.push(resolve));
    const idle = [...this.#slots.values()].find(({ users, worker }) => users === 0 && worker.isAlive);
    if (idle) void idle.worker.kill('another repository needs the room');
    await gone;
  }

  #release(repository: string, slot: Slot): void {
    slot.users--;
    if (slot.users > 0 || this.#slots.get(repository) !== slot) return;
    if (this.#queue.length > 0) void slot.worker.kill('another repository needs the room');
    else if (slot.worker.orders >= maxOrders) void slot.worker.kill('it has worked long enough');
    else {
      slot.idle = setTimeout(() => void slot.worker.kill('it had nothing to do'), this.#options.idleMs);
      slot.idle.unref();
    }
  }
}

/** Never a path from outside: a hash, and as much of the name as a person needs to recognise it. */
export function directoryOf(repository: string): string {
  const hash = createHash('sha256').update(repository).digest('hex').slice(0, 16);
  return `${repository.replaceAll(/[^a-z0-9]+/g, '-').slice(0, 60)}-${hash}`;
}
