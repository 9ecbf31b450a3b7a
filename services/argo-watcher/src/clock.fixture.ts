import type { Clock } from './clock.js';

/** Time that passes only when the test advances it, without randomness. */
export class TestClock implements Clock {
  #nowMs = Date.parse('2026-03-01T12:00:00Z');
  #sleepers: { untilMs: number; wake: () => void }[] = [];
  /** The requested length of each pause. */
  readonly pauses: number[] = [];

  now(): number {
    return this.#nowMs;
  }

  random(): number {
    return 1;
  }

  pause(ms: number, signal: AbortSignal): Promise<void> {
    this.pauses.push(ms);
    return new Promise((resolve) => {
      this.#sleepers.push({ untilMs: this.#nowMs + ms, wake: resolve });
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  pass(ms: number): void {
    this.#nowMs += ms;
    const due = this.#sleepers.filter(({ untilMs }) => untilMs <= this.#nowMs);
    this.#sleepers = this.#sleepers.filter((sleeper) => !due.includes(sleeper));
    for (const { wake } of due) wake();
  }
}

/** Lets everything run that waits only for promises or for the next turn of the event loop. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
