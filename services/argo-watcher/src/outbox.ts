import { type Bus, backoffMs } from '@k8sta/bus';
import type { BusEvent } from '@k8sta/contracts';
import type { Logger } from '@k8sta/runtime';
import type { Clock } from './clock.js';

interface Entry {
  readonly event: BusEvent;
  /** The moment up to which everything about this Application was published before. */
  readonly sinceMs: number;
}

export interface OutboxOptions {
  readonly bus: Pick<Bus, 'publish'>;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn' | 'info'>;
  readonly onPublished: () => void;
}

const lanes = 256;

/** How many events are sent together while others are on their way: every write is a system call here and in NATS. */
const batch = 32;

/**
 * Publishes the newest event of each object, in order, until the bus has stored it. While the bus is away, it keeps one event
 * per object, never more.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #waiting = new Map<string, Entry>();
  readonly #running = new Map<string, Entry>();
  readonly #ended = new AbortController();
  #failures = 0;
  #isPausing = false;
  #isSending = false;
  #flushed: (() => void)[] = [];

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  put(key: string, event: BusEvent, sinceMs: number): void {
    if (this.#ended.signal.aborted) return;
    const waiting = this.#waiting.get(key);
    this.#waiting.set(key, { event, sinceMs: Math.min(sinceMs, waiting?.sinceMs ?? sinceMs) });
    this.#sendSoon();
  }

  /** The moment up to which everything is published; Infinity when nothing waits. */
  get publishedUpToMs(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const entries of [this.#waiting, this.#running]) {
      for (const { sinceMs } of entries.values()) earliest = Math.min(earliest, sinceMs);
    }
    return earliest;
  }

  get size(): number {
    return this.#waiting.size + this.#running.size;
  }

  /** Resolves once nothing waits. */
  flushed(): Promise<void> {
    if (this.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#flushed.push(resolve));
  }

  /** Starts no further publish, and waits for those that are running. What still waits is published after the next start. */
  async close(): Promise<void> {
    this.#ended.abort();
    this.#waiting.clear();
    await this.flushed();
  }

  /** In the next turn of the event loop, so that everything that has arrived together is sent together. */
  #sendSoon(): void {
    if (this.#isSending || this.#isGathering) return;
    this.#isSending = true;
    setImmediate(() => this.#send());
  }

  /** Nagle's algorithm: an event waits for others to be sent with, but no longer than until those before it are stored. */
  get #isGathering(): boolean {
    return this.#running.size > 0 && this.#waiting.size < batch;
  }

  #send(): void {
    this.#isSending = false;
    if (this.#isPausing) return;
    for (const [key, entry] of this.#waiting) {
      if (this.#running.size >= lanes) return;
      // If two events of one Application are sent at once, the bus may store them in either order.
      if (this.#running.has(key)) continue;
      this.#waiting.delete(key);
      this.#running.set(key, entry);
      void this.#publish(key, entry);
    }
  }

  async #publish(key: string, entry: Entry): Promise<void> {
    try {
      await this.#options.bus.publish(entry.event);
      if (this.#failures > 0) this.#options.log.info({ failures: this.#failures }, 'publishing again');
      this.#failures = 0;
      this.#options.onPublished();
    } catch (error) {
      this.#keep(key, entry);
      void this.#pause(error);
    }
    this.#running.delete(key);
    this.#sendSoon();
    if (this.size === 0) for (const resolve of this.#flushed.splice(0)) resolve();
  }

  #keep(key: string, entry: Entry): void {
    if (this.#ended.signal.aborted) return;
    const newer = this.#waiting.get(key);
    const sinceMs = Math.min(entry.sinceMs, newer?.sinceMs ?? entry.sinceMs);
    this.#waiting.set(key, { event: (newer ?? entry).event, sinceMs });
  }

  async #pause(error: unknown): Promise<void> {
    if (this.#isPausing) return;
    this.#isPausing = true;
    this.#failures += 1;
    const { clock, log } = this.#options;
    if (this.#failures === 1)
      log.warn({ err: error }, 'publishing failed, retrying with the newest event of each Application');
    await clock.pause(backoffMs(this.#failures, clock.random()), this.#ended.signal);
    this.#isPausing = false;
    this.#sendSoon();
  }
}
