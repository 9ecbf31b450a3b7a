import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RemoteFault } from './git.js';
import { type Urgency, urgencies, urgencyOf } from './job-urgency.js';
import { directoryOf } from './mirror-directory.js';
import { type Need, PooledWorker, type PooledWorkerOptions } from './pooled-worker.js';
import type { AnswerTo, Job } from './worker/protocol.js';
import { Interrupted, type OnNote } from './worker-process.js';

/**
 * More than a process needs: libgit2 caches up to 256 MB of objects, and the rest is 80 MB. It bounds leaks of native
 * code.
 */
const defaultMaxBytes = 384 * 1024 * 1024;

export interface WorkerPoolOptions extends Omit<PooledWorkerOptions, 'maxBytes'> {
  /** A process that uses more memory than this after a job is replaced. Without it, 384 MB. */
  readonly maxBytes?: number;
  /** The directory of the mirrors. No other promoter may use it. */
  readonly directory: string;
  /** How many processes may run at once; each takes about 80 MB. */
  readonly limit: number;
  /** How long an idle process is kept. */
  readonly idleMs: number;
  /** Told after each job which mirror it has used. */
  readonly onUse?: (directory: string) => void;
}

/** Loading nodegit takes most of a core for half a second: starting more processes at once would delay all of them. */
const startsAtOnce = 2;

/** The limit of inspections in all processes together. */
const maxInspections = 4;

/** How often a job moves to another process because its process was ended for the fault of another remote. */
const maxInterruptions = 5;

export interface JobOptions {
  /** A job whose signal aborts while it waits for a process does not run. */
  readonly signal?: AbortSignal;
  readonly onNote?: OnNote | undefined;
}

interface QueuedJob extends Need {
  readonly job: Job;
  readonly directory: string;
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
  readonly onNote: OnNote | undefined;
  interruptions: number;
  crashes: number;
}

/**
 * A few processes for any number of repositories. A repository stays with the process that has its mirror open, and
 * moves when that process is busy and another one is free. Jobs without a process wait here, the urgent ones first.
 */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #workers = new Set<PooledWorker>();
  readonly #waiting: Record<Urgency, Set<QueuedJob>> = {
    lookUp: new Set(),
    commit: new Set(),
    question: new Set(),
    inspection: new Set(),
  };
  #isClosed = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  /** How many processes there are. */
  get count(): number {
    return this.#workers.size;
  }

  /** Runs a job in a worker. Rejects with a RemoteFault. */
  async run<Op extends Job['op']>(
    repository: string,
    job: Extract<Job, { op: Op }>,
    { signal, onNote }: JobOptions = {},
  ): Promise<AnswerTo<Op>> {
    await mkdir(this.#options.directory, { recursive: true });
    const directory = join(this.#options.directory, directoryOf(repository));
    const urgency = urgencyOf(job);
    return new Promise<AnswerTo<Op>>((resolve, reject) => {
      const need = { repository, urgency, job, directory };
      const queued: QueuedJob = { ...need, resolve, reject, onNote, interruptions: 0, crashes: 0 };
      signal?.addEventListener('abort', () => {
        if (this.#waiting[urgency].delete(queued)) reject(new RemoteFault('no Git worker was free in time'));
      });
      this.#waiting[urgency].add(queued);
      this.#dispatch();
    });
  }

  /** Replaces all processes, because something changed that a process reads only when it starts. */
  renew(): void {
    for (const worker of this.#workers) worker.retire();
  }

  /** Makes the processes let go of a mirror; false if a job uses it, or waits for it. */
  releaseMirror(directory: string): boolean {
    const isWanted = urgencies.some((urgency) =>
      [...this.#waiting[urgency]].some((each) => each.directory === directory),
    );
    return !isWanted && [...this.#workers].every((worker) => worker.letGo(directory));
  }

  /** Ends all processes now. Their jobs fail, and so does every later job. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#dispatch();
    await Promise.all([...this.#workers].map((each) => each.process.close('the service shuts down')));
  }

  /** Gives as many waiting jobs to processes as there is room for. */
  #dispatch(): void {
    for (const urgency of urgencies) {
      const waiting = this.#waiting[urgency];
      for (const queued of waiting) {
        if (!this.#isClosed && !this.#mayHaveRoom(urgency)) break;
        if (this.#isClosed) {
          waiting.delete(queued);
          queued.reject(new RemoteFault('the service shuts down'));
          continue;
        }
        const worker = this.#workerFor(queued);
        if (!worker) continue;
        waiting.delete(queued);
        void this.#carryOut(queued, worker);
      }
    }
  }

  /** Whether any process may have room for such a job. It saves a look at most of the waiting ones. */
  #mayHaveRoom(urgency: Urgency): boolean {
    const workers = [...this.#workers];
    if (urgency === 'inspection' && sum(workers.map((each) => each.inspections())) >= maxInspections) return false;
    return this.#mayStart() || workers.some((each) => each.hasRoom(urgency));
  }

  #mayStart(): boolean {
    const starting = [...this.#workers].filter((each) => !each.process.isStarted).length;
    return this.#workers.size < this.#options.limit && starting < startsAtOnce;
  }

  #workerFor(queued: QueuedJob): PooledWorker | undefined {
    const workers = [...this.#workers];
    const home = workers.find((each) => each.holds(queued.repository));
    // A killed process may hold its files until it has exited, and a process with running jobs uses the mirror.
    if (home && (!home.process.isAlive || home.loadOf(queued.repository) > 0)) {
      return home.hasRoomFor(queued) ? home : undefined;
    }
    // A look-up needs no remote, so it does not matter which of them hang. Another process would first have to start.
    const isHere = home?.isReady || queued.urgency === 'lookUp';
    if (home && isHere && home.hasRoomFor(queued)) return home;
    const fitting = workers.filter((each) => each.hasRoomFor(queued));
    const best = fitting.reduce<PooledWorker | undefined>(
      (one, other) => (one && !isBetter(other, one, home) ? one : other),
      undefined,
    );
    const worker = best?.isReady ? best : (this.#start() ?? best);
    if (home && worker && worker !== home) home.release(queued.repository);
    return worker;
  }

  #start(): PooledWorker | undefined {
    if (!this.#mayStart()) return undefined;
    const worker = new PooledWorker({ maxBytes: defaultMaxBytes, ...this.#options });
    this.#workers.add(worker);
    void worker.process.started.then(() => this.#dispatch());
    void worker.process.ended.then(async () => {
      worker.ended();
      // A broken mirror may have caused the crash, and would crash the next process too.
      if (worker.process.hasCrashed) {
        await Promise.all(worker.suspects().map((path) => rm(path, { recursive: true, force: true })));
      }
      this.#workers.delete(worker);
      this.#dispatch();
    });
    return worker;
  }

  async #carryOut(queued: QueuedJob, worker: PooledWorker): Promise<void> {
    worker.start(queued, queued.directory);
    try {
      queued.resolve((await worker.process.run(queued.directory, queued.job, queued.onNote)) as never);
    } catch (error) {
      if (error instanceof Interrupted && this.#mayRetry(queued, worker)) this.#waiting[queued.urgency].add(queued);
      else queued.reject(error instanceof Interrupted ? new RemoteFault(error.message) : (error as Error));
    }
    this.#options.onUse?.(queued.directory);
    // After a crash, the jobs that were running show which mirrors are suspect: keep them until the worker is removed.
    if (!worker.process.hasCrashed) worker.finish(queued, this.#options.idleMs);
    this.#dispatch();
  }

  /** Every job can run again: a push looks for its own commits before it makes any. */
  #mayRetry(queued: QueuedJob, worker: PooledWorker): boolean {
    // Each job that was running may have caused a crash.
    if (worker.process.hasCrashed) return ++queued.crashes <= 1;
    return ++queued.interruptions <= maxInterruptions;
  }
}

/** Whether a job is better placed on `one` than on `other`. */
function isBetter(one: PooledWorker, other: PooledWorker, home: PooledWorker | undefined): boolean {
  const marks = (worker: PooledWorker) => [
    worker.process.mayHang ? 1 : 0,
    worker.process.isStarted ? 0 : 1,
    worker.load,
    worker === home ? 0 : 1,
    worker.mirrors,
  ];
  const [ours, theirs] = [marks(one), marks(other)];
  const at = ours.findIndex((mark, index) => mark !== theirs[index]);
  return at >= 0 && (ours[at] ?? 0) < (theirs[at] ?? 0);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
