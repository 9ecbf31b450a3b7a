import { type Application, skipReconcileAnnotation } from './application.js';
import { compare, isFrozen, refreshRequest } from './comparison.js';
import type { Managed } from './managed.js';
import { runOperation } from './operation.js';
import { continueRollout } from './rollout.js';

/**
 * Keeps one Application: compares it by the poll, when asked to, and after each operation, one comparison at a time;
 * carries out its operations, one at a time; and lets its rollouts run beside both.
 */
export class ApplicationController {
  readonly #managed: Managed;
  #comparing: Promise<void> | undefined;
  #isOperating = false;
  #isFinalizing = false;
  #spec = '';

  constructor(managed: Managed) {
    this.#managed = managed;
  }

  /** Runs until the Application's signal is aborted. `pollMs` 0: never compares unless asked to. */
  async run(pollMs: number): Promise<void> {
    const application = this.#managed.read();
    this.#spec = application ? specOf(application) : '';
    await this.#compare('poll');
    while (pollMs > 0) {
      // Spread, as the real one does: not all Applications at once.
      await this.#managed.sleep(pollMs * (0.9 + Math.random() * 0.2));
      if (!this.#comparing && !this.#managed.isStale) await this.#compare('poll');
    }
  }

  /** Looks at what somebody, or this controller itself, has written. */
  notice(): void {
    const application = this.#managed.read();
    if (!application || isFrozen(application)) return;
    if (refreshRequest(application) && !this.#comparing) {
      // Whoever asks for a refresh gets the true health: the operation that is being kept stale goes on.
      if (this.#managed.isStale) this.#managed.endStaleness();
      else this.#detach(this.#compare('refresh'));
    }
    if (specOf(application) !== this.#spec) {
      this.#spec = specOf(application);
      this.#detach(this.#compare('forced'));
    }
    if (application.metadata.deletionTimestamp && !this.#isFinalizing) this.#detach(this.#finalize());
    if (application.operation && !this.#isOperating) this.#detach(this.#operate());
  }

  async #operate(): Promise<void> {
    this.#isOperating = true;
    try {
      await runOperation(this.#managed);
      await this.#compare('forced');
      this.#detach(continueRollout(this.#managed));
    } finally {
      this.#isOperating = false;
    }
    this.notice();
  }

  /** Deletes what it deployed, which takes a while, and lets go of it. */
  async #finalize(): Promise<void> {
    this.#isFinalizing = true;
    await this.#managed.sleep(this.#managed.speeds.syncMs);
    this.#managed.write(({ metadata }) => {
      delete metadata.finalizers;
    });
  }

  #compare(reason: 'poll' | 'refresh' | 'forced'): Promise<void> {
    const comparing = (this.#comparing ?? Promise.resolve()).then(() => compare(this.#managed, reason));
    const ended = comparing.finally(() => {
      if (this.#comparing !== ended) return;
      this.#comparing = undefined;
      this.notice();
    });
    this.#comparing = ended;
    return ended;
  }

  #detach(work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (!this.#managed.signal.aborted) throw error;
    });
  }
}

/** What makes the controller compare at once when it is changed. */
function specOf({ spec, metadata }: Application): string {
  return JSON.stringify([spec, metadata.annotations?.[skipReconcileAnnotation]]);
}
