import { createHash } from 'node:crypto';
import { access, constants, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileReason } from '@k8sta/contracts';
import { ConfigError } from '@k8sta/runtime';
import { type Need, Seat, type Urgency, urgencies, urgencyOf } from './pooled-worker.js';
import type { AnswerTo, Order } from './worker/protocol.js';
import { type Budgets, Interrupted, RemoteFault } from './worker-process.js';

export interface WorkersOptions extends Budgets {
  /** Where the mirrors are kept. No other promoter may use the same directory. */
  readonly directory: string;
  /** How many processes may run at once; each takes about 80 MB. */
  readonly limit: number;
  /** How long one without work is kept. */
  readonly idleMs: number;
}

/** Loading nodegit takes most of a core for half a second: more at once are all late. */
const startsAtOnce = 2;

/** Inspections in all processes together. */
const maxInspections = 4;

/** How often an order is given to another process when the one that carried it out was ended for another's fault. */
const maxInterruptions = 5;

interface Job extends Need {
  readonly order: Order;
  readonly directory: string;
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
  interruptions: number;
  crashes: number;
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

/**
 * A few processes for any number of repositories. A repository stays with the process that has its mirror open, and
 * moves when that one is busy and another is free. Orders that find no room wait here, the urgent ones first.
 */
export class Workers {
  readonly #options: WorkersOptions;
  readonly #seats = new Set<Seat>();
  readonly #waiting: Record<Urgency, Set<Job>> = {
    commit: new Set(),
    question: new Set(),
    inspection: new Set(),
  };
  #isClosed = false;

  constructor(options: WorkersOptions) {
    this.#options = options;
  }

  /** How many processes there are. */
  get count(): number {
    return this.#seats.size;
  }

  /** Has a worker carry out an order. Rejects with a RemoteFault. Aborted while it waits, it is not carried out. */
  async ask<Op extends Order['op']>(
    repository: string,
    order: Extract<Order, { op: Op }>,
    signal?: AbortSignal,
  ): Promise<AnswerTo<Op>> {
    await mkdir(this.#options.directory, { recursive: true });
    const directory = join(this.#options.directory, directoryOf(repository));
    const urgency = urgencyOf(order);
    return new Promise<AnswerTo<Op>>((resolve, reject) => {
      const job: Job = { repository, urgency, order, directory, resolve, reject, interruptions: 0, crashes: 0 };
      signal?.addEventListener('abort', () => {
        if (this.#waiting[urgency].delete(job)) reject(new RemoteFault('no Git worker was free in time'));
      });
      this.#waiting[urgency].add(job);
      this.#dispatch();
    });
  }

  /** Ends them all now; what they were doing fails, and so does what they are asked from now on. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#dispatch();
    await Promise.all([...this.#seats].map(({ worker }) => worker.close('the service ends')));
  }

  /** Gives as many of the waiting orders to processes as there is room for. */
  #dispatch(): void {
    for (const urgency of urgencies) {
      const waiting = this.#waiting[urgency];
      for (const job of waiting) {
        if (!this.#isClosed && !this.#mayTake(urgency)) break;
        if (this.#isClosed) {
          waiting.delete(job);
          job.reject(new RemoteFault('the service ends'));
          continue;
        }
        const seat = this.#seatFor(job);
        if (!seat) continue;
        waiting.delete(job);
        void this.#carryOut(job, seat);
      }
    }
  }

  /** Whether there may be room for such an order at all: most of the waiting ones need not be looked at. */
  #mayTake(urgency: Urgency): boolean {
    const seats = [...this.#seats];
    if (urgency === 'inspection' && sum(seats.map((each) => each.inspections())) >= maxInspections) return false;
    return this.#mayStart() || seats.some((each) => each.hasRoom(urgency));
  }

  #mayStart(): boolean {
    const starting = [...this.#seats].filter(({ worker }) => !worker.isStarted).length;
    return this.#seats.size < this.#options.limit && starting < startsAtOnce;
  }

  #seatFor(job: Job): Seat | undefined {
    const seats = [...this.#seats];
    const home = seats.find((each) => each.holds(job.repository));
    // A process that was killed may still hold its files until it is gone, and one that works on them does.
    if (home && (!home.worker.isAlive || home.loadOf(job.repository) > 0)) {
      return home.hasRoomFor(job) ? home : undefined;
    }
    if (home?.isAtEase && home.hasRoomFor(job)) return home;
    const fitting = seats.filter((each) => each.hasRoomFor(job));
    const best = fitting.reduce<Seat | undefined>(
      (one, other) => (one && !isBetter(other, one, home) ? one : other),
      undefined,
    );
    const seat = best?.isAtEase ? best : (this.#start() ?? best);
    if (home && seat && seat !== home) home.release(job.repository);
    return seat;
  }

  #start(): Seat | undefined {
    if (!this.#mayStart()) return undefined;
    const seat = new Seat(this.#options);
    this.#seats.add(seat);
    void seat.worker.started.then(() => this.#dispatch());
    void seat.worker.ended.then(async () => {
      seat.ended();
      // What made it crash may lie in a mirror, and would make the next one crash too.
      if (seat.worker.endedByItself) {
        await Promise.all(seat.suspects().map((path) => rm(path, { recursive: true, force: true })));
      }
      this.#seats.delete(seat);
      this.#dispatch();
    });
    return seat;
  }

  async #carryOut(job: Job, seat: Seat): Promise<void> {
    seat.begin(job, job.directory);
    try {
      job.resolve((await seat.worker.ask(job.directory, job.order)) as never);
    } catch (error) {
      if (error instanceof Interrupted && this.#mayGoOn(job, seat)) this.#waiting[job.urgency].add(job);
      else job.reject(error instanceof Interrupted ? new RemoteFault(error.message) : (error as Error));
    }
    // A crash is judged by what was running: that is known until its seat is gone.
    if (!seat.worker.endedByItself) seat.finish(job, this.#options.idleMs);
    this.#dispatch();
  }

  /** Every order is fit to be carried out again: a push looks for its own commits before it makes any. */
  #mayGoOn(job: Job, { worker }: Seat): boolean {
    // Of a crash, each order that was running may be the cause.
    if (worker.endedByItself) return ++job.crashes <= 1;
    return ++job.interruptions <= maxInterruptions;
  }
}

/** Whether an order is better placed on `one` than on `other`. */
function isBetter(one: Seat, other: Seat, home: Seat | undefined): boolean {
  const marks = (seat: Seat) => [
    seat.worker.isQuiet ? 1 : 0,
    seat.worker.isStarted ? 0 : 1,
    seat.load,
    seat === home ? 0 : 1,
    seat.mirrors,
  ];
  const [ours, theirs] = [marks(one), marks(other)];
  const at = ours.findIndex((mark, index) => mark !== theirs[index]);
  return at >= 0 && (ours[at] ?? 0) < (theirs[at] ?? 0);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

/** Never a path from outside: a hash, and as much of the name as a person needs to recognise it. */
export function directoryOf(repository: string): string {
  const hash = createHash('sha256').update(repository).digest('hex').slice(0, 16);
  return `${repository.replaceAll(/[^a-z0-9]+/g, '-').slice(0, 60)}-${hash}`;
}
