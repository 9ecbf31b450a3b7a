import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { type AnswerTo, answers, messageSchema, type Order } from './worker/protocol.js';

/** How long a remote may say nothing, in milliseconds: at first, and between two signs of life. */
export interface Budgets {
  readonly firstByteMs: number;
  readonly stallMs: number;
}

/** The remote, or the process that speaks with it, did not do what was asked. The message is fit for people. */
export class RemoteFault extends Error {
  override readonly name = 'RemoteFault';
}

interface Call {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
  budget: NodeJS.Timeout;
}

/** How long the process itself may take to start. */
const startMs = 60_000;

/** One running worker. It is killed when a remote exceeds its budget, and then fails all that it was asked. */
export class WorkerProcess {
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;
  readonly #budgets: Budgets;
  readonly #calls = new Map<number, Call>();
  readonly #ready: Promise<void>;
  #sayReady = () => {};
  #lastId = 0;
  #why: string | undefined;
  #isAlive = true;

  constructor(directory: string, budgets: Budgets) {
    this.#budgets = budgets;
    // Its path by name, so that it is found from the sources (the parent's own options are passed on) and from dist.
    this.#child = fork(createRequire(import.meta.url).resolve('@k8sta/promoter/worker'), [directory], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#ready = new Promise((resolve) => {
      this.#sayReady = resolve;
    });
    const late = setTimeout(() => void this.kill(`the Git worker did not start within ${startMs} ms`), startMs);
    void this.#ready.then(() => clearTimeout(late));
    this.#child.on('message', (message) => this.#hear(message));
    // A message that could not be sent: 'exit' follows and says it to everyone.
    this.#child.on('error', () => this.#child.kill('SIGKILL'));
    this.ended = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => {
        this.#isAlive = false;
        this.#sayReady();
        const why = this.#why ?? `the Git worker ended by ${signal ?? `exit code ${code}`}`;
        for (const call of this.#calls.values()) {
          clearTimeout(call.budget);
          call.reject(new RemoteFault(why));
        }
        this.#calls.clear();
        resolve();
      });
    });
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** How many orders it has been given. */
  get orders(): number {
    return this.#lastId;
  }

  /** Whether it ended without having been told to. */
  get endedByItself(): boolean {
    return !this.#isAlive && this.#why === undefined;
  }

  async ask<Op extends Order['op']>(order: Extract<Order, { op: Op }>): Promise<AnswerTo<Op>> {
    // Loading nodegit is no remote's fault.
    await this.#ready;
    if (!this.#isAlive) throw new RemoteFault(this.#why ?? 'the Git worker could not be started');
    const id = ++this.#lastId;
    const answer = await new Promise<unknown>((resolve, reject) => {
      this.#calls.set(id, { resolve, reject, budget: this.#watch('stallMs') });
      this.#child.send({ id, order });
    });
    return answers[order.op].parse(answer) as AnswerTo<Op>;
  }

  /** Ends it now; whatever it was doing fails, with this reason. */
  async kill(why: string): Promise<void> {
    if (this.#isAlive) {
      this.#why ??= why;
      this.#child.kill('SIGKILL');
    }
    await this.ended;
  }

  #watch(budget: keyof Budgets): NodeJS.Timeout {
    const ms = this.#budgets[budget];
    const what = budget === 'firstByteMs' ? 'did not answer' : 'said nothing more';
    return setTimeout(() => void this.kill(`the remote ${what} for ${ms} ms`), ms);
  }

  #hear(message: unknown): void {
    const heard = messageSchema.parse(message);
    if (heard.is === 'ready') {
      this.#sayReady();
      return;
    }
    const call = this.#calls.get(heard.id);
    if (!call) return;
    clearTimeout(call.budget);
    if (heard.is === 'contact' || heard.is === 'progress') {
      call.budget = this.#watch(heard.is === 'contact' ? 'firstByteMs' : 'stallMs');
      return;
    }
    this.#calls.delete(heard.id);
    if (heard.is === 'answer') call.resolve(heard.answer);
    else call.reject(new RemoteFault(heard.message));
  }
}
