/** A remote that failed, and when it may be tried again. */
interface Open {
  readonly failures: number;
  readonly until: number;
  readonly why: string;
}

/** Seconds at first, because a lost minute is a late deployment; then long enough for a host that limits its callers. */
const pausesMs = [1_000, 3_000, 10_000, 30_000];

/** After this time without a failure a remote starts with the shortest pause again. It also bounds the memory. */
const forgetMs = 10 * 60 * 1000;

/** Remembers which remotes fail, so that of a hundred requests for a remote that hangs not every one has to time out. */
export class CircuitBreaker {
  readonly #open = new Map<string, Open>();

  /** Records a failure and returns how long to wait before the next try. */
  failed(name: string, why: string, now: Date): number {
    this.#forget(now);
    const failures = (this.#open.get(name)?.failures ?? 0) + 1;
    const pauseMs = pausesMs[Math.min(failures, pausesMs.length) - 1] ?? 0;
    this.#open.set(name, { failures, until: now.getTime() + pauseMs, why });
    return pauseMs;
  }

  succeeded(name: string): void {
    this.#open.delete(name);
  }

  /** How long the remote must not be tried, and its last failure; undefined if it may be tried. */
  open(name: string, now: Date): { pauseMs: number; why: string } | undefined {
    const open = this.#open.get(name);
    if (!open || open.until <= now.getTime()) return undefined;
    return { pauseMs: open.until - now.getTime(), why: open.why };
  }

  /** The last failure, if the remote has not succeeded since. */
  lastFailure(name: string): string | undefined {
    return this.#open.get(name)?.why;
  }

  #forget(now: Date): void {
    for (const [name, { until }] of this.#open) if (now.getTime() - until > forgetMs) this.#open.delete(name);
  }
}
