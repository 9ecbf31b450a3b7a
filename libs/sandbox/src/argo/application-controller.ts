import { type Application, skipReconcileAnnotation } from './application.js';
import { compare, observe } from './comparison.js';
import type { Managed } from './managed.js';
import { runOperation } from './operation.js';
import { isFrozen, refreshRequest } from './refresh-request.js';
import { beginRollout, continueRollout } from './rollout.js';

/**
 * Controls one Application. Compares it on each poll, on request and after each operation, one comparison at a time.
 * Carries out its operations, one at a time. Rollouts run at the same time as both.
 */
export class ApplicationController {
  readonly #managed: Managed;
  readonly #openWindow: () => void;
  #comparing: Promise<void> | undefined;
  #operating: Promise<void> | undefined;
  #isFinalizing = false;
  #isOpeningWindow = false;
  #spec = '';

  /** `openWindow` removes the window that the scenario has added to the AppProject. */
  constructor(managed: Managed, openWindow: () => void) {
    this.#managed = managed;
    this.#openWindow = openWindow;
  }

  /** Runs until the Application's signal is aborted. `pollMs` 0: compares only on request. */
  async run(pollMs: number): Promise<void> {
    const application = this.#managed.read();
    this.#spec = application ? specOf(application) : '';
    await this.#compare('poll');
    while (pollMs > 0) {
      // Spread like the real controller, so that the Applications do not poll at the same time.
      await this.#managed.sleep(pollMs * (0.9 + Math.random() * 0.2));
      if (!this.#comparing && !this.#managed.isStale) await this.#compare('poll');
    }
  }

  /** Reacts to a write by a client or by this controller. */
  notice(): void {
    const { signal, isDown } = this.#managed;
    const application = this.#managed.read();
    if (!application || signal.aborted || isDown || isFrozen(application)) return;
    if (refreshRequest(application) && !this.#comparing) {
      // A refresh shows the true health: the operation that is kept stale continues.
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
    // Concurrent with the code below, because the comparison may request another operation.
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

  /** Deletes the deployed objects, which takes a while, and removes the finalizers. A sync in progress ends first. */
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

  /** The scenario `window` with `forMs`: the time counts from the comparison whose sync the window blocked. */
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

/** The fields whose change makes the controller compare at once. */
function specOf({ spec, metadata }: Application): string {
  return JSON.stringify([spec, metadata.annotations?.[skipReconcileAnnotation]]);
}
