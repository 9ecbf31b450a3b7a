import { type Application, skipReconcileAnnotation } from './application.js';
import { compare, observe } from './comparison.js';
import type { Managed } from './managed.js';
import { runOperation } from './operation.js';
import { isFrozen, refreshRequest } from './refresh-request.js';
import { beginRollout, continueRollout } from './rollout.js';

/**
 * Keeps one Application: compares it by the poll, when asked to, and after each operation, one comparison at a time;
 * carries out its operations, one at a time; and lets its rollouts run beside both.
 */
export class ApplicationController {
  readonly #managed: Managed;
  readonly #openWindow: () => void;
  #comparing: Promise<void> | undefined;
  #operating: Promise<void> | undefined;
  #isFinalizing = false;
  #isOpeningWindow = false;
  #spec = '';

  /** `openWindow` takes away the window that the scenario has put into the AppProject. */
  constructor(managed: Managed, openWindow: () => void) {
    this.#managed = managed;
    this.#openWindow = openWindow;
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
    const { signal, isDown } = this.#managed;
    const application = this.#managed.read();
    if (!application || signal.aborted || isDown || isFrozen(application)) return;
    if (refreshRequest(application) && !this.#comparing) {
      // A request for a refresh gets the true health: the operation that is being kept stale goes on.
      if (this.#managed.isStale) this.#managed.endStaleness();
      else this.#detach(this.#compare('refresh'));
    }
    if (specOf(application) !== this.#spec) {
      this.#spec = specOf(application);
      this.#detach(this.#compare('forced'));
    }
    if (application.metadata.deletionTimestamp && !this.#isFinalizing) this.#detach(this.#finalize());
    if (!application.operation || this.#operating) return;
    this.#operating = this.#operate().finally(() => {
      this.#operating = undefined;
      this.notice();
    });
    this.#detach(this.#operating);
  }

  async #operate(): Promise<void> {
    const managed = this.#managed;
    const { behaviour, running: before } = managed;
    await runOperation(managed);
    if (managed.isStale) {
      await managed.stayStale(behaviour.staleMs ?? 0);
      beginRollout(managed, behaviour, before);
    } else if (managed.writeOrder.isReconciledLater && !managed.isCacheStale) observe(managed);
    managed.syncs++;
    // Beside what comes next: the comparison may request another operation.
    this.#detach(this.#settle());
  }

  /** The comparison after an operation, and the rollout of what it applied. */
  async #settle(): Promise<void> {
    const { killed } = this.#managed.behaviour;
    await this.#compare('forced');
    const rollingOut = continueRollout(this.#managed);
    if (killed?.during === 'rollout' && this.#managed.rollout) {
      await this.#managed.stayDown(killed.forMs);
      await this.#compare('poll');
    }
    await rollingOut;
  }

  /** Deletes what it deployed, which takes a while, and removes the finalizers. A sync in progress still ends before. */
  async #finalize(): Promise<void> {
    this.#isFinalizing = true;
    await this.#operating;
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
      this.#openLater();
      this.notice();
    });
    this.#comparing = ended;
    return ended;
  }

  /** The scenario `window` with a time limit: from the comparison on that the window kept from a sync. */
  #openLater(): void {
    const { behaviour, isHeldByWindow } = this.#managed;
    if (!isHeldByWindow || behaviour.window?.forMs === undefined || this.#isOpeningWindow) return;
    this.#isOpeningWindow = true;
    const opened = this.#managed.sleep(behaviour.window.forMs).then(() => {
      this.#isOpeningWindow = false;
      this.#openWindow();
      return this.#compare('poll');
    });
    this.#detach(opened);
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
