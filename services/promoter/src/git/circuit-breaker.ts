import { ElsewhereFault, type RemoteFault, type RepositoryAt } from './git.js';
import { placesElsewhere, type Reads } from './places-elsewhere.js';

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

  /** How long one of these remotes must not be tried, and its last failure; undefined if all may be tried. */
  open(names: readonly string[], now: Date): { pauseMs: number; why: string } | undefined {
    const open = this.#of(names).find(({ until }) => until > now.getTime());
    return open && { pauseMs: open.until - now.getTime(), why: open.why };
  }

  /** The last failure of one of these remotes that has not succeeded since. */
  lastFailure(names: readonly string[]): string | undefined {
    return this.#of(names)[0]?.why;
  }

  #of(names: readonly string[]): Open[] {
    return names.flatMap((name) => this.#open.get(name) ?? []);
  }

  #forget(now: Date): void {
    for (const [name, { until }] of this.#open) if (now.getTime() - until > forgetMs) this.#open.delete(name);
  }
}

/** The remotes of these parts, as a circuit breaker knows them: a server may let us read a repository and not write to it. */
export function remotesOf({ name }: RepositoryAt, parts: readonly Reads[]): string[] {
  return [name, ...new Set(placesElsewhere(parts).map((place) => forReading(place.name)))];
}

/** Which of the remotes failed. */
export function failedRemote({ name }: RepositoryAt, fault: RemoteFault): string {
  return fault instanceof ElsewhereFault ? forReading(fault.repository) : name;
}

const forReading = (name: string) => `${name} for reading`;
