import type { Server, Service } from '@k8sta/sandbox';

export interface KillableOptions {
  /** It has ended by itself after it was ready. */
  onCrash(what: string): void;
  /** It has ended by itself before it was ready: a server that it needs to start was away. */
  onFailedStart(what: string): void;
}

/** A process that is killed and started again, in turn, and that must not end by itself. */
export class Killable {
  readonly name: string;
  /** How often it was killed while it ran. */
  kills = 0;
  readonly #process: Server | Service;
  readonly #options: KillableOptions;
  #tail: Promise<void> = Promise.resolve();
  #isExpected = false;
  #isReady = false;

  constructor(name: string, process: Server | Service, options: KillableOptions) {
    this.name = name;
    this.#process = process;
    this.#options = options;
    this.#watch();
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Kills it when it runs, and starts it again when `until` resolves. Returns when it is killed. */
  async kill(until: () => Promise<void>): Promise<void> {
    let isDown: () => void;
    const down = new Promise<void>((resolve) => {
      isDown = resolve;
    });
    this.#tail = this.#tail.then(async () => {
      this.#isExpected = true;
      if (this.#process.isRunning) this.kills += 1;
      await this.#process.kill();
      isDown();
      await until();
      await this.#start();
    });
    this.#tail.catch(() => isDown());
    await down;
  }

  /** Resolves when it runs; rejects if it could not be started again. */
  running(): Promise<void> {
    return this.#tail;
  }

  async #start(): Promise<void> {
    await this.#process.restart();
    this.#isExpected = false;
    this.#watch();
  }

  /** A service that ends by itself is started again, as Kubernetes does. */
  #watch(): void {
    const { ended, ready } = this.#process as Partial<Service>;
    if (!ended || !ready) return;
    this.#isReady = false;
    ready.call(this.#process).then(
      () => {
        this.#isReady = true;
      },
      // It has ended, or was killed.
      () => {},
    );
    ended.then((how) => {
      if (this.#isExpected) return;
      const { onCrash, onFailedStart } = this.#options;
      const say = this.#isReady ? onCrash : onFailedStart;
      say(`${this.name}: ${how}; its last output:\n${this.#process.lastOutput()}`);
      this.#isExpected = true;
      this.#tail = this.#tail.then(() => this.#start());
      this.#tail.catch(() => {});
    });
  }

  /** From now on it may end. */
  release(): void {
    this.#isExpected = true;
  }
}
