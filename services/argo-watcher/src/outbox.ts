import { type Bus, backoffMs } from '@k8sta/bus';
import type { BusEvent } from '@k8sta/contracts';
import type { Logger } from '@k8sta/runtime';
import type { Clock } from './clock.js';

interface Letter {
  readonly event: BusEvent;
  /** Up to when everything about this Application had been published before. */
  readonly sinceMs: number;
}

export interface OutboxOptions {
  readonly bus: Pick<Bus, 'publish'>;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn' | 'info'>;
  readonly onPublished: () => void;
}

const lanes = 256;

/**
 * What is to be published: the newest event of each object, in order, until the bus has stored it. A bus that is
 * away for long costs one slice per object, never more.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #waiting = new Map<string, Letter>();
  readonly #inHand = new Map<string, Letter>();
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

  /** Up to when everything is published; Infinity when nothing waits. */
  get publishedUpToMs(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const letters of [this.#waiting, this.#inHand]) {
      for (const { sinceMs } of letters.values()) earliest = Math.min(earliest, sinceMs);
    }
    return earliest;
  }

  get size(): number {
    return this.#waiting.size + this.#inHand.size;
  }

  /** Resolves once nothing waits any more. */
  flushed(): Promise<void> {
    if (this.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#flushed.push(resolve));
  }

  /** Begins nothing more, and waits for what is in hand. What still waits is published after the next start. */
  async close(): Promise<void> {
    this.#ended.abort();
    this.#waiting.clear();
    await this.flushed();
  }

  /** After everything that has come in together, so that what follows from it goes out together. */
  #sendSoon(): void {
    if (this.#isSending) return;
    this.#isSending = true;
    setImmediate(() => this.#send());
  }

  #send(): void {
    this.#isSending = false;
    if (this.#isPausing) return;
    for (const [key, letter] of this.#waiting) {
      if (this.#inHand.size >= lanes) return;
      // Two events of one Application at once could be stored in either order.
      if (this.#inHand.has(key)) continue;
      this.#waiting.delete(key);
      this.#inHand.set(key, letter);
      void this.#publish(key, letter);
    }
  }

  async #publish(key: string, letter: Letter): Promise<void> {
    try {
      await this.#options.bus.publish(letter.event);
      if (this.#failures > 0) this.#options.log.info({ failures: this.#failures }, 'publishing works again');
      this.#failures = 0;
      this.#options.onPublished();
    } catch (error) {
      this.#keep(key, letter);
      void this.#pause(error);
    }
    this.#inHand.delete(key);
    this.#sendSoon();
    if (this.size === 0) for (const resolve of this.#flushed.splice(0)) resolve();
  }

  #keep(key: string, letter: Letter): void {
    if (this.#ended.signal.aborted) return;
    const newer = this.#waiting.get(key);
    const sinceMs = Math.min(letter.sinceMs, newer?.sinceMs ?? letter.sinceMs);
    this.#waiting.set(key, { event: (newer ?? letter).event, sinceMs });
  }

  async #pause(error: unknown): Promise<void> {
    if (this.#isPausing) return;
    this.#isPausing = true;
    this.#failures += 1;
    const { clock, log } = this.#options;
    if (this.#failures === 1) log.warn({ err: error }, 'publishing fails; what is newest of each Application is kept');
    await clock.pause(backoffMs(this.#failures, clock.random()), this.#ended.signal);
    this.#isPausing = false;
    this.#sendSoon();
  }
}
