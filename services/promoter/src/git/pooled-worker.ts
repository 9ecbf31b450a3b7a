import { isAtMost, type Urgency, urgencies } from './job-urgency.js';
import { WorkerProcess, type WorkerProcessOptions } from './worker-process.js';

/** What a job needs of a process. */
export interface Need {
  readonly repository: string;
  readonly urgency: Urgency;
}

/**
 * How many jobs of this urgency, or less, a process runs at once. nodegit has ten native threads, and a remote that hangs
 * blocks one. Less urgent jobs leave room for more urgent ones, and no number of remotes that hang blocks a look-up.
 */
const jobsPerProcess = { lookUp: 9, commit: 8, question: 6, inspection: 1 } as const satisfies Record<Urgency, number>;

/** The same for one repository, so that jobs whose remote hangs leave room for other repositories. */
const jobsPerRepository = {
  ...{ lookUp: 7, commit: 6, question: 4, inspection: 1 },
} as const satisfies Record<Urgency, number>;

/** A process with fewer jobs than this starts another one at once. */
const fewJobs = 4;

/** Each mirror keeps a few files open. */
const maxMirrors = 128;

/** A process is replaced after so many jobs, because opening a mirror tidies it. */
const maxJobs = 5_000;

export interface PooledWorkerOptions extends WorkerProcessOptions {
  /** A process that uses more memory than this after a job is replaced. */
  readonly maxBytes: number;
}

/** One process of the pool, with the mirrors that it holds and the jobs that it runs. */
export class PooledWorker {
  readonly process: WorkerProcess;
  /** Repository to directory; the last entry is the one that was used last. */
  readonly #mirrors = new Map<string, string>();
  readonly #running = new Set<Need>();
  #idle: NodeJS.Timeout | undefined;
  #isRetired = false;

  constructor(options: PooledWorkerOptions) {
    this.process = new WorkerProcess(options, (bytes) => {
      if (bytes > options.maxBytes) this.retire();
    });
  }

  /** How many jobs it is running. */
  get load(): number {
    return this.#running.size;
  }

  get mirrors(): number {
    return this.#mirrors.size;
  }

  /** Whether it takes jobs. After {@link maxJobs}, or when it has retired, it does not and is replaced. */
  get isOpen(): boolean {
    return this.process.isAlive && !this.#isRetired && this.process.jobs < maxJobs;
  }

  /** Whether a job would start at once: not behind many others, and not next to a remote that may hang. */
  get isReady(): boolean {
    return this.isOpen && this.process.isStarted && this.load < fewJobs && !this.process.mayHang;
  }

  /** Whether it holds the mirror of this repository. Until it releases the mirror, no other process may use it. */
  holds(repository: string): boolean {
    return this.#mirrors.has(repository);
  }

  /** How many jobs it is running for this repository. */
  loadOf(repository: string): number {
    return this.#count((each) => each.repository === repository);
  }

  hasRoom(urgency: Urgency): boolean {
    return this.isOpen && isWithin(jobsPerProcess, urgency, (counted) => this.#count(counted));
  }

  hasRoomFor({ repository, urgency }: Need): boolean {
    const ofIt = (counted: (each: Need) => boolean) =>
      this.#count((each) => each.repository === repository && counted(each));
    return this.hasRoom(urgency) && isWithin(jobsPerRepository, urgency, ofIt);
  }

  inspections(): number {
    return this.#count(({ urgency }) => urgency === 'inspection');
  }

  start(need: Need, directory: string): void {
    clearTimeout(this.#idle);
    this.#running.add(need);
    this.#mirrors.delete(need.repository);
    this.#mirrors.set(need.repository, directory);
    for (const repository of this.#mirrors.keys()) {
      if (this.#mirrors.size <= maxMirrors) break;
      if (this.loadOf(repository) === 0) this.release(repository);
    }
  }

  /** A job has ended. Without any other, the process ends after a while, or at once if it has to be replaced. */
  finish(need: Need, idleMs: number): void {
    this.#running.delete(need);
    if (this.load > 0 || !this.process.isAlive) return;
    if (!this.isOpen) void this.process.kill('the worker is replaced');
    else {
      this.#idle = setTimeout(() => void this.process.kill('the worker was idle'), idleMs);
      this.#idle.unref();
    }
  }

  /** Takes no more jobs, and ends after those that it runs. */
  retire(): void {
    this.#isRetired = true;
    if (this.load === 0) void this.process.kill('the worker is replaced');
  }

  release(repository: string): void {
    const directory = this.#mirrors.get(repository);
    this.#mirrors.delete(repository);
    if (directory !== undefined) this.process.release(directory);
  }

  /** Releases the mirror in this directory, if it holds it; false if it is in use. */
  letGo(directory: string): boolean {
    const found = [...this.#mirrors].find(([, mirror]) => mirror === directory);
    if (!found) return true;
    const [repository] = found;
    // A killed process may hold its files until it has exited.
    if (!this.process.isAlive || this.loadOf(repository) > 0) return false;
    this.release(repository);
    return true;
  }

  /** The mirrors that may have caused a crash: those in use, or else the one that was used last. */
  suspects(): string[] {
    const inUse = [...this.#mirrors].filter(([repository]) => this.loadOf(repository) > 0);
    const last = [...this.#mirrors].slice(-1);
    return (inUse.length > 0 ? inUse : last).map(([, directory]) => directory);
  }

  ended(): void {
    clearTimeout(this.#idle);
  }

  #count(matches: (each: Need) => boolean): number {
    let count = 0;
    for (const each of this.#running) if (matches(each)) count++;
    return count;
  }
}

/** Whether one more job of this urgency keeps its own limit and those of the more urgent jobs. */
function isWithin(
  limits: Record<Urgency, number>,
  urgency: Urgency,
  count: (counted: (each: Need) => boolean) => number,
): boolean {
  return urgencies
    .filter((limited) => isAtMost(urgency, limited))
    .every((limited) => count((each) => isAtMost(each.urgency, limited)) < limits[limited]);
}
