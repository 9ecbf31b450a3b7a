import { type Bus, reasonOf } from '@k8sta/bus';
import type { BusEvent } from '@k8sta/contracts';
import { withTimeout } from '@k8sta/runtime';

/** JetStream did not say in time that it holds every event. Some it may hold: they are published again under the same ids. */
export class NotStored extends Error {
  override readonly name = 'NotStored';
}

/** What the envelope and the headers of an event add to the body of a webhook, in bytes: about 1 KiB, and some room. */
const envelopeBytes = 4 * 1024;

/** Why NATS cannot take the largest body that is allowed; undefined where it can. */
export function payloadFault(bodyLimit: number, maxPayload: number): string | undefined {
  const needed = bodyLimit + envelopeBytes;
  if (maxPayload >= needed) return undefined;
  return `K8STA_BODY_LIMIT is ${bodyLimit}, for which the NATS servers need a max_payload of ${needed}, and it is ${maxPayload}: raise it, or lower K8STA_BODY_LIMIT`;
}

/** As long as JetStream itself recognises an id that is published again. */
const rememberedMs = 2 * 60 * 1000;
const mostRemembered = 1_000;

export interface StorageOptions {
  readonly bus: Pick<Bus, 'publish' | 'maxPayload'>;
  /** How long JetStream may take, in milliseconds. */
  readonly withinMs: number;
  readonly bodyLimit: number;
  readonly now: () => Date;
}

/** What one webhook wants stored; the delivery until it is. */
interface Webhook {
  received: BusEvent | undefined;
  readonly opened: readonly BusEvent[];
}

/** Stores events, and knows whether events can be stored. */
export class Storage {
  readonly #options: StorageOptions;
  /** Tickets that were opened lately, by the ids of their events: a repeat is not published a second time. */
  readonly #opened = new Map<string, { readonly until: number; readonly stored: Promise<unknown> }>();
  /** What a webhook wanted stored and was not; nothing has been stored since. */
  #refused: Webhook | undefined;

  constructor(options: StorageOptions) {
    this.#options = options;
  }

  /**
   * Resolves once JetStream holds all events, with the ids of those Tickets that it held before. Throws
   * {@link NotStored} when it has not said so in time.
   */
  async store(received: BusEvent, opened: readonly BusEvent[]): Promise<ReadonlySet<string>> {
    const webhook: Webhook = { received, opened };
    try {
      const repeated = await withTimeout(this.#options.withinMs, this.#publish(webhook));
      this.#refused = undefined;
      return repeated;
    } catch (error) {
      // An event that is not what its schema says is a defect of ours, which posting again would not mend.
      if (error instanceof TypeError) throw error;
      this.#refused = webhook;
      throw new NotStored(reasonOf(error), { cause: error });
    }
  }

  /**
   * For readiness. Throws while events cannot be stored. The webhook that was refused last is stored once it can be:
   * nothing else would show that the store takes events again, because a service that is not ready gets no traffic.
   */
  async check(): Promise<void> {
    const { bus, bodyLimit, withinMs } = this.#options;
    const fault = payloadFault(bodyLimit, bus.maxPayload());
    if (fault !== undefined) throw new Error(fault);
    const refused = this.#refused;
    if (!refused) return;
    await withTimeout(withinMs, this.#publish(refused)).catch((error: Error) => {
      throw new Error(`JetStream does not store events: ${reasonOf(error)}`, { cause: error });
    });
    if (this.#refused === refused) this.#refused = undefined;
  }

  async #publish(webhook: Webhook): Promise<Set<string>> {
    const repeated = new Set<string>();
    // The delivery first: for each Ticket, one can see what it came from.
    if (webhook.received) await this.#options.bus.publish(webhook.received);
    webhook.received = undefined;
    await Promise.all(
      webhook.opened.map(async (event) => {
        if (await this.#open(event)) repeated.add(event.id);
      }),
    );
    return repeated;
  }

  /** Whether JetStream held it before. */
  async #open(event: BusEvent): Promise<boolean> {
    const now = this.#options.now().getTime();
    for (const [id, { until }] of this.#opened) {
      if (until > now && this.#opened.size <= mostRemembered) break;
      this.#opened.delete(id);
    }
    const before = this.#opened.get(event.id);
    if (before) {
      await before.stored;
      return true;
    }
    const stored = this.#options.bus.publish(event);
    this.#opened.set(event.id, { until: now + rememberedMs, stored });
    stored.catch(() => this.#opened.delete(event.id));
    return (await stored).duplicate;
  }
}
