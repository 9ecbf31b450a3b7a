import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { type AnswerTo, answers, type Call, messageSchema, type Order } from './worker/protocol.js';

/** How long a remote may say nothing, in milliseconds: at first, and between two signs of life. */
export interface Budgets {
  readonly firstByteMs: number;
  readonly stallMs: number;
}

/** The remote, or the process that speaks with it, did not do what was asked. The message is fit for people. */
export class RemoteFault extends Error {
  override readonly name = 'RemoteFault';
}

/** The process ended for a reason that is not this order's. Another process can carry the order out. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

interface Waiting {
  readonly mirror: string;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
  budget: NodeJS.Timeout;
  /** When the remote has to show itself, and has not yet: since when, by the monotonic clock. */
  silentSince: number | undefined;
}

/** How long the process itself may take to start. */
const startMs = 60_000;

/** A remote that says nothing for so long may be one that hangs. */
const quietMs = 1_000;

/** One running worker, which holds any number of mirrors. It is killed when a remote exceeds its budget. */
export class WorkerProcess {
  readonly ended: Promise<void>;
  /** Resolves when it takes orders, or has ended. */
  readonly started: Promise<void>;
  readonly #child: ChildProcess;
  readonly #budgets: Budgets;
  readonly #waiting = new Map<number, Waiting>();
  #sayStarted = () => {};
  #isStarted = false;
  #lastId = 0;
  #why: string | undefined;
  #culprit: string | undefined;
  #isClosed = false;
  #isAlive = true;

  constructor(budgets: Budgets) {
    this.#budgets = budgets;
    // Its path by name, so that it is found from the sources (the parent's own options are passed on) and from dist.
    this.#child = fork(createRequire(import.meta.url).resolve('@k8sta/promoter/worker'), [], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.started = new Promise((resolve) => {
      this.#sayStarted = resolve;
    });
    const late = setTimeout(() => void this.kill(`the Git worker did not start within ${startMs} ms`), startMs);
    void this.started.then(() => clearTimeout(late));
    this.#child.on('message', (message) => this.#hear(message));
    this.ended = new Promise((resolve) => {
      const end = (how: string) => {
        this.#end(how);
        resolve();
      };
      this.#child.once('exit', (code, signal) => end(signal ?? `exit code ${code}`));
      this.#child.on('error', (error) => {
        // Without a process there is no exit; after a message that could not be sent there is one.
        if (this.#child.pid === undefined) end(error.message);
        else this.#child.kill('SIGKILL');
      });
    });
  }

  get isAlive(): boolean {
    return this.#isAlive && this.#why === undefined;
  }

  /** Whether it has loaded what it needs and takes orders. */
  get isStarted(): boolean {
    return this.#isStarted;
  }

  /** How many orders it has been given. */
  get orders(): number {
    return this.#lastId;
  }

  /** Whether it ended without having been told to. */
  get endedByItself(): boolean {
    return !this.#isAlive && this.#why === undefined;
  }

  /** Whether one of its remotes has been silent for so long that it may have to be killed for it. */
  get isQuiet(): boolean {
    const now = performance.now();
    return [...this.#waiting.values()].some(({ silentSince = now }) => now - silentSince > quietMs);
  }

  /**
   * Rejects with a RemoteFault, or, when the process ends because of something else than this mirror's remote, with
   * {@link Interrupted}.
   */
  async ask<Op extends Order['op']>(mirror: string, order: Extract<Order, { op: Op }>): Promise<AnswerTo<Op>> {
    // Loading nodegit is no remote's fault.
    await this.started;
    if (!this.#isAlive) throw this.#faultFor(mirror);
    const id = ++this.#lastId;
    const answer = await new Promise<unknown>((resolve, reject) => {
      const budget = this.#watch('stallMs', mirror);
      this.#waiting.set(id, { mirror, resolve, reject, budget, silentSince: undefined });
      this.#send({ is: 'order', id, mirror, order });
    });
    return answers[order.op].parse(answer) as AnswerTo<Op>;
  }

  /** Lets go of a mirror on which no order is running, so that another process can take it. */
  release(mirror: string): void {
    if (this.isAlive) this.#send({ is: 'release', mirror });
  }

  /** Ends it now. What it was doing is interrupted. */
  async kill(why: string): Promise<void> {
    if (this.#isAlive) {
      this.#why ??= why;
      this.#child.kill('SIGKILL');
    }
    await this.ended;
  }

  /** Ends it for good: what it was doing fails, with this reason. */
  async close(why: string): Promise<void> {
    this.#isClosed = true;
    await this.kill(why);
  }

  #send(call: Call): void {
    this.#child.send(call);
  }

  #end(how: string): void {
    this.#isAlive = false;
    this.#sayStarted();
    for (const waiting of this.#waiting.values()) {
      clearTimeout(waiting.budget);
      waiting.reject(this.#faultFor(waiting.mirror, how));
    }
    this.#waiting.clear();
  }

  #faultFor(mirror: string, how = 'itself'): Error {
    const why = this.#why ?? `the Git worker ended by ${how}`;
    return this.#isClosed || this.#culprit === mirror ? new RemoteFault(why) : new Interrupted(why);
  }

  #watch(budget: keyof Budgets, mirror: string): NodeJS.Timeout {
    const ms = this.#budgets[budget];
    const what = budget === 'firstByteMs' ? 'did not answer' : 'said nothing more';
    return setTimeout(() => {
      if (this.#why === undefined) this.#culprit = mirror;
      void this.kill(`the remote ${what} for ${ms} ms`);
    }, ms);
  }

  #hear(message: unknown): void {
    const heard = messageSchema.parse(message);
    if (heard.is === 'ready') {
      this.#isStarted = true;
      this.#sayStarted();
      return;
    }
    const waiting = this.#waiting.get(heard.id);
    if (!waiting) return;
    clearTimeout(waiting.budget);
    if (heard.is === 'contact' || heard.is === 'progress') {
      waiting.budget = this.#watch(heard.is === 'contact' ? 'firstByteMs' : 'stallMs', waiting.mirror);
      waiting.silentSince = heard.is === 'contact' ? performance.now() : undefined;
      return;
    }
    this.#waiting.delete(heard.id);
    if (heard.is === 'answer') waiting.resolve(heard.answer);
    else waiting.reject(new RemoteFault(heard.message));
  }
}
