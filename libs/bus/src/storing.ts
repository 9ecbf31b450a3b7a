import { ErrorCode, NatsError } from 'nats';
import { reasonOf } from './refusal.js';

/**
 * How long a refusal counts, in milliseconds. An event is published again at least every 30 s, but perhaps by another replica,
 * of which this one hears nothing.
 */
const countsForMs = 60_000;

/** Whether JetStream stores the events of this service: not from a refusal on, until it stores one in the same stream. */
export class Storing {
  readonly #refused = new Map<string, { reason: string; atMs: number }>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  stored(stream: string): void {
    this.#refused.delete(stream);
  }

  /** What went wrong with the event itself, or with the connection, is no refusal of JetStream. */
  failed(stream: string, error: unknown): void {
    if (!(error instanceof NatsError)) return;
    // A full stream has the code of a missing one.
    if (error.code !== ErrorCode.NoResponders && !error.isJetStreamError()) return;
    this.#refused.set(stream, { reason: reasonOf(error), atMs: this.#nowMs() });
  }

  /** Throws an error with the reason while JetStream stores no events. */
  check(): void {
    for (const { reason, atMs } of this.#refused.values()) {
      if (this.#nowMs() - atMs < countsForMs) throw new Error(`JetStream does not store events: ${reason}`);
    }
  }
}
