import type { Bus } from '@k8sta/bus';
import { eventId } from '@k8sta/contracts';
import type { Logger } from '@k8sta/runtime';

export interface HeartbeatOptions {
  readonly instance: string;
  readonly bus: Pick<Bus, 'publish'>;
  /** The moment up to which everything is published; undefined while it is not known. */
  readonly asOfMs: () => number | undefined;
  readonly log: Pick<Logger, 'warn'>;
}

/** Publishes the moment up to which the observations are current. Publishes nothing while that moment is not known. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #publishedMs = Number.NEGATIVE_INFINITY;
  #isPublishing = false;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  /** Publishes one heartbeat, unless the moment is the same as before. */
  async beat(): Promise<void> {
    const { instance, bus, log } = this.#options;
    const asOfMs = this.#options.asOfMs();
    if (asOfMs === undefined || asOfMs <= this.#publishedMs || this.#isPublishing) return;
    this.#isPublishing = true;
    try {
      const asOf = new Date(asOfMs).toISOString();
      const id = eventId('application.current', instance, asOf);
      await bus.publish({ type: 'application.current', id, data: { instance, asOf } });
      this.#publishedMs = asOfMs;
    } catch (error) {
      log.warn({ err: error }, 'heartbeat could not be published');
    } finally {
      this.#isPublishing = false;
    }
  }
}
