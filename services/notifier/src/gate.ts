import { backoffMs } from '@k8sta/bus';
import pLimit from 'p-limit';

/** More would only wait at the receiver: chat systems take about one message a second. */
const parallel = 2;

/** What goes through a receiver's gate: few at once, and nothing while the receiver asked to wait or does not answer. */
export class Gate {
  readonly #limit = pLimit(parallel);
  readonly #now: () => number;
  #opensAt = 0;
  #failures = 0;
  #why = '';

  constructor(now: () => number) {
    this.#now = now;
  }

  /** How long nothing may be sent, in milliseconds, and why; undefined while the gate is open. */
  closed(): { readonly forMs: number; readonly why: string } | undefined {
    const forMs = this.#opensAt - this.#now();
    return forMs > 0 ? { forMs, why: this.#why } : undefined;
  }

  run<T>(work: () => Promise<T>): Promise<T> {
    return this.#limit(work);
  }

  succeeded(): void {
    this.#failures = 0;
    this.#opensAt = 0;
  }

  /** Closes the gate: for as long as the receiver asked for, or else longer with each failure. */
  failed(why: string, afterMs?: number): void {
    this.#failures += 1;
    this.#why = why;
    this.#opensAt = this.#now() + Math.max(afterMs ?? backoffMs(this.#failures, Math.random()), 1);
  }

  /** Why the last message was not sent; undefined if it was. */
  get fault(): string | undefined {
    return this.#failures > 0 ? this.#why : undefined;
  }
}
