/** A remote that failed, and until when it is left alone. */
interface Away {
  readonly failures: number;
  readonly until: number;
  readonly why: string;
}

/** Seconds at first, because a lost minute is a late deployment; then as a host that limits its callers wants it. */
const pausesMs = [1_000, 3_000, 10_000, 30_000];

/** A remote that has been well for so long begins anew; it also bounds what is remembered. */
const forgetMs = 10 * 60 * 1000;

/** Which remotes are away, so that a hundred requests for one that hangs do not each find it out alone. */
export class Remotes {
  readonly #away = new Map<string, Away>();

  /** Notes a failure and returns how long to leave the remote alone. */
  failed(name: string, why: string, now: Date): number {
    this.#forget(now);
    const failures = (this.#away.get(name)?.failures ?? 0) + 1;
    const pauseMs = pausesMs[Math.min(failures, pausesMs.length) - 1] ?? 0;
    this.#away.set(name, { failures, until: now.getTime() + pauseMs, why });
    return pauseMs;
  }

  answered(name: string): void {
    this.#away.delete(name);
  }

  /** How long to leave it alone still, and the last failure; undefined when it may be asked. */
  away(name: string, now: Date): { pauseMs: number; why: string } | undefined {
    const away = this.#away.get(name);
    if (!away || away.until <= now.getTime()) return undefined;
    return { pauseMs: away.until - now.getTime(), why: away.why };
  }

  /** The failure since which it has not answered. */
  lastFailure(name: string): string | undefined {
    return this.#away.get(name)?.why;
  }

  #forget(now: Date): void {
    for (const [name, { until }] of this.#away) if (now.getTime() - until > forgetMs) this.#away.delete(name);
  }
}
