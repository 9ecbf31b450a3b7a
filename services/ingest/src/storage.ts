import { type Bus, reasonOf } from '@k8sta/bus';
import { withTimeout } from '@k8sta/runtime';
import { type Received, withOpens } from './opens.js';
import { type Opened, type TicketOpened, TicketPublisher } from './ticket-publisher.js';

/** JetStream did not confirm in time that it holds every event. It may hold some; a retry publishes them under the same ids. */
export class NotStored extends Error {
  override readonly name = 'NotStored';
}

/** How many bytes the envelope and the headers of an event add to the body of a webhook: about 1 KiB, with a margin. */
const envelopeBytes = 4 * 1024;

/** Why NATS cannot take the largest allowed body; undefined if it can. */
export function payloadFault(bodyLimit: number, maxPayload: number): string | undefined {
  const needed = bodyLimit + envelopeBytes;
  if (maxPayload >= needed) return undefined;
  return `K8STA_BODY_LIMIT is ${bodyLimit}, for which the NATS servers need a max_payload of ${needed}, and it is ${maxPayload}: raise it, or lower K8STA_BODY_LIMIT`;
}

export interface StorageOptions {
  readonly bus: Pick<Bus, 'publish' | 'at' | 'maxPayload'>;
  /** How long JetStream may take, in milliseconds. */
  readonly withinMs: number;
  readonly bodyLimit: number;
  readonly now: () => Date;
}

/** The events of one webhook. The delivery is undefined once it is stored. */
interface Webhook {
  received: Received | undefined;
  readonly opened: readonly TicketOpened[];
}

/** Stores events, and knows whether events can be stored. */
export class Storage {
  readonly #options: StorageOptions;
  readonly #tickets: TicketPublisher;
  /** The last webhook that could not be stored, until something is stored again. */
  #refused: Webhook | undefined;

  constructor(options: StorageOptions) {
    this.#options = options;
    this.#tickets = new TicketPublisher(options);
  }

  /**
   * Resolves once JetStream holds all events, with the Ticket of each that opens one, by its id. Throws {@link NotStored}
   * if JetStream does not confirm in time.
   */
  async store(received: Received | undefined, opened: readonly TicketOpened[]): Promise<ReadonlyMap<string, Opened>> {
    const { bodyLimit } = this.#options;
    const webhook: Webhook = { received: received && withOpens(received, opened, bodyLimit), opened };
    try {
      const stored = await withTimeout(this.#options.withinMs, this.#publish(webhook));
      this.#refused = undefined;
      return stored;
    } catch (error) {
      // An event that violates its schema is a bug of ours. Posting it again would not help.
      if (error instanceof TypeError) throw error;
      this.#refused = webhook;
      throw new NotStored(reasonOf(error), { cause: error });
    }
  }

  /**
   * For readiness. Throws while events cannot be stored. It retries the last webhook that could not be stored: a service that
   * is not ready gets no traffic, so nothing else would show that JetStream stores events again.
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

  async #publish(webhook: Webhook): Promise<ReadonlyMap<string, Opened>> {
    // Side by side: nobody is answered before all of them are stored, and a repeat of the webhook stores what is missing.
    const [, ...opened] = await Promise.all([
      this.#receive(webhook),
      ...webhook.opened.map(async (event) => [event.id, await this.#tickets.open(event)] as const),
    ]);
    return new Map(opened);
  }

  async #receive(webhook: Webhook): Promise<void> {
    if (webhook.received) await this.#options.bus.publish(webhook.received);
    webhook.received = undefined;
  }
}
