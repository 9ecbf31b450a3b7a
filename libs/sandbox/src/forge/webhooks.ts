import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { Dialect, WebhookRequest } from './core/dialect.js';
import type { ForgeEvent } from './core/model.js';

export interface WebhookTarget {
  readonly url: string;
  readonly secret: string;
}

export interface Delivery {
  readonly event: string;
  readonly text: string;
  readonly headers: Record<string, string>;
  /** The answer of the receiver; absent: none yet, or the connection failed. */
  status?: number;
}

/** Posts the webhooks of the forge. Like a real one, it does not wait for the receiver and does not post again by itself. */
export class Webhooks {
  readonly deliveries: Delivery[] = [];
  readonly #pending = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  #target: WebhookTarget | undefined;

  constructor() {
    // Each webhook on its way listens.
    setMaxListeners(0, this.#stopping.signal);
  }

  /** Where they go; undefined: nowhere. */
  sendTo(target: WebhookTarget | undefined): void {
    this.#target = target;
  }

  send(dialect: Dialect, event: ForgeEvent): void {
    if (!this.#target) return;
    for (const webhook of dialect.webhooks(event)) this.#deliver(dialect, webhook, this.#target);
  }

  /** Resolves when all that were sent are answered or failed. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  async stop(): Promise<void> {
    this.#target = undefined;
    this.#stopping.abort();
    await this.settled();
  }

  #deliver(dialect: Dialect, webhook: WebhookRequest, { url, secret }: WebhookTarget): void {
    const delivery: Delivery = { event: webhook.event, ...dialect.sign(webhook, secret, randomUUID()) };
    this.deliveries.push(delivery);
    const work = this.#post(delivery, url).finally(() => this.#pending.delete(work));
    this.#pending.add(work);
  }

  async #post(delivery: Delivery, url: string): Promise<void> {
    const { text: body, headers } = delivery;
    const signal = this.#stopping.signal;
    try {
      const answer = await fetch(url, { method: 'POST', body, headers, signal });
      await answer.arrayBuffer();
      delivery.status = answer.status;
    } catch {
      // The receiver is down: forges do not post again by themselves.
    }
  }
}
