import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { RemoteFault } from './git.js';
import { type AnswerTo, answers, type Call, type Job, messageSchema } from './worker/protocol.js';

/** How long a remote may be silent, in milliseconds: before its first byte, and in the middle of a transfer. */
export interface Budgets {
  readonly firstByteMs: number;
  readonly stallMs: number;
}

export interface WorkerProcessOptions extends Budgets {
  /** The environment of the process; without it, ours. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** The process ended, and this job's remote is not the cause. Another process can run the job. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** Told why a job takes long, in a sentence for people. */
export type OnNote = (note: string) => void;

/** A job of this process, and its mirror. */
interface JobAt {
  readonly id: number;
  readonly mirror: string;
}

interface Waiting {
  readonly mirror: string;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly onNote: OnNote | undefined;
  budget: NodeJS.Timeout;
  /** Which of its other repositories the job waits for; undefined for its own remote. */
  elsewhere: number | undefined;
  /** Since when the job waits for the first byte of its remote, by the monotonic clock. */
  silentSince: number | undefined;
}

/** How long the process may take to start. */
const startMs = 60_000;

/** A remote that is silent for longer than this may hang. */
const suspectMs = 1_000;

/** A running worker process, which holds any number of mirrors. It is killed when a remote exceeds its time budget. */
export class WorkerProcess {
  readonly ended: Promise<void>;
  /** Resolves when the process takes jobs, or has ended. */
  readonly started: Promise<void>;
  readonly #child: ChildProcess;
  readonly #onMemory: (bytes: number) => void;
  readonly #budgets: Budgets;
  readonly #waiting = new Map<number, Waiting>();
  #resolveStarted = () => {};
  #isStarted = false;
  #lastId = 0;
  /** Why it was killed. */
  #why: string | undefined;
  /** The job whose remote exceeded its budget. */
  #culprit: (JobAt & Pick<Waiting, 'elsewhere'>) | undefined;
  #isClosed = false;
  #isAlive = true;

  /** `onMemory` is told after each job how much memory the process uses. */
  constructor(options: WorkerProcessOptions, onMemory: (bytes: number) => void) {
    this.#budgets = options;
    this.#onMemory = onMemory;
    // By name, which resolves to the sources or to dist.
    this.#child = fork(createRequire(import.meta.url).resolve('@k8sta/promoter/worker'), [], {
      execArgv: [...process.execArgv, '--expose-gc'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      ...(options.environment && { env: { ...options.environment } }),
    });
    this.started = new Promise((resolve) => {
      this.#resolveStarted = resolve;
    });
    const late = setTimeout(() => void this.kill(`the Git worker did not start within ${startMs} ms`), startMs);
    void this.started.then(() => clearTimeout(late));
    this.#child.on('message', (message) => this.#receive(message));
    this.ended = new Promise((resolve) => {
      const end = (how: string) => {
        this.#end(how);
        resolve();
      };
      this.#child.once('exit', (code, signal) => end(signal ?? `exit code ${code}`));
      this.#child.on('error', (error) => {
        // Without a process there is no exit event; after a message that could not be sent there is one.
        if (this.#child.pid === undefined) end(error.message);
        else this.#child.kill('SIGKILL');
      });
    });
  }

  get isAlive(): boolean {
    return this.#isAlive && this.#why === undefined;
  }

  /** Whether it has loaded nodegit and takes jobs. */
  get isStarted(): boolean {
    return this.#isStarted;
  }

  /** How many jobs it was given so far. */
  get jobs(): number {
    return this.#lastId;
  }

  /** Whether it ended without being killed by us. */
  get hasCrashed(): boolean {
    return !this.#isAlive && this.#why === undefined;
  }

  /** Whether one of its remotes has been silent for so long that it may hang. */
  get mayHang(): boolean {
    const now = performance.now();
    return [...this.#waiting.values()].some(({ silentSince = now }) => now - silentSince > suspectMs);
  }

  /** Rejects with a RemoteFault; with {@link Interrupted} if the process ends and this mirror's remote is not the cause. */
  async run<Op extends Job['op']>(
    mirror: string,
    job: Extract<Job, { op: Op }>,
    onNote?: OnNote,
  ): Promise<AnswerTo<Op>> {
    // The time that nodegit takes to load does not count against the remote.
    await this.started;
    const id = ++this.#lastId;
    if (!this.#isAlive) throw this.#faultFor({ id, mirror });
    const answer = await new Promise<unknown>((resolve, reject) => {
      const budget = this.#watch('stallMs', { id, mirror });
      this.#waiting.set(id, { mirror, resolve, reject, onNote, budget, silentSince: undefined, elsewhere: undefined });
      this.#send({ is: 'job', id, mirror, job });
    });
    return answers[job.op].parse(answer) as AnswerTo<Op>;
  }

  /** Releases a mirror that no job is using, so that another process can take it. */
  release(mirror: string): void {
    if (this.isAlive) this.#send({ is: 'release', mirror });
  }

  /** Ends it now. Its jobs are interrupted. */
  async kill(why: string): Promise<void> {
    if (this.#isAlive) {
      this.#why ??= why;
      this.#child.kill('SIGKILL');
    }
    await this.ended;
  }

  /** Ends it now. Its jobs fail with this reason. */
  async close(why: string): Promise<void> {
    this.#isClosed = true;
    await this.kill(why);
  }

  #send(call: Call): void {
    this.#child.send(call);
  }

  #end(how: string): void {
    this.#isAlive = false;
    this.#resolveStarted();
    for (const [id, waiting] of this.#waiting) {
      clearTimeout(waiting.budget);
      waiting.reject(this.#faultFor({ id, mirror: waiting.mirror }, how));
    }
    this.#waiting.clear();
  }

  #faultFor({ id, mirror }: JobAt, how = 'itself'): Error {
    const why = this.#why ?? `the Git worker ended by ${how}`;
    if (this.#isClosed) return new RemoteFault(why);
    const elsewhere = this.#culprit?.elsewhere;
    // A repository that only the build of this job reads does not hold up the other jobs of the mirror.
    const isCause = elsewhere === undefined ? this.#culprit?.mirror === mirror : this.#culprit?.id === id;
    return isCause ? new RemoteFault(why, elsewhere) : new Interrupted(why);
  }

  #watch(budget: keyof Budgets, job: JobAt): NodeJS.Timeout {
    const ms = this.#budgets[budget];
    const what = budget === 'firstByteMs' ? 'did not answer' : 'sent nothing more';
    return setTimeout(() => {
      if (this.#why === undefined) this.#culprit = { ...job, elsewhere: this.#waiting.get(job.id)?.elsewhere };
      void this.kill(`the remote ${what} for ${ms} ms`);
    }, ms);
  }

  #receive(message: unknown): void {
    const received = messageSchema.parse(message);
    if (received.is === 'ready') {
      this.#isStarted = true;
      this.#resolveStarted();
      return;
    }
    if (received.is === 'memory') {
      this.#onMemory(received.bytes);
      return;
    }
    const waiting = this.#waiting.get(received.id);
    if (!waiting) return;
    if (received.is === 'note') {
      waiting.onNote?.(received.text);
      return;
    }
    clearTimeout(waiting.budget);
    if (received.is === 'contact' || received.is === 'progress') {
      const job = { id: received.id, mirror: waiting.mirror };
      waiting.budget = this.#watch(received.is === 'contact' ? 'firstByteMs' : 'stallMs', job);
      if (received.is === 'contact') waiting.elsewhere = received.elsewhere;
      waiting.silentSince = received.is === 'contact' ? performance.now() : undefined;
      return;
    }
    this.#waiting.delete(received.id);
    if (received.is === 'answer') waiting.resolve(received.answer);
    else waiting.reject(new RemoteFault(received.message, received.elsewhere));
  }
}
