import type { Bus } from '@k8sta/bus';
import { eventId } from '@k8sta/contracts';
import type { Logger } from '@k8sta/runtime';

export interface HeartbeatOptions {
  readonly instance: string;
  readonly bus: Pick<Bus, 'publish'>;
  /** As of when everything is published; undefined while that cannot be said. */
  readonly asOfMs: () => number | undefined;
  readonly log: Pick<Logger, 'warn'>;
}

/** Tells the bus as of when the picture is current. Says nothing rather than something that is not so. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #saidMs = Number.NEGATIVE_INFINITY;
  #isSaying = false;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  /** One beat; skipped when there is nothing newer to say. */
  async beat(): Promise<void> {
    const { instance, bus, log } = this.#options;
    const asOfMs = this.#options.asOfMs();
    if (asOfMs === undefined || asOfMs <= this.#saidMs || this.#isSaying) return;
    this.#isSaying = true;
    try {
      const asOf = new Date(asOfMs).toISOString();
      const id = eventId('application.current', instance, asOf);
      await bus.publish({ type: 'application.current', id, data: { instance, asOf } });
      this.#saidMs = asOfMs;
    } catch (error) {
      log.warn({ err: error }, 'the heartbeat could not be published');
    } finally {
      this.#isSaying = false;
    }
  }
}
