import type { Bus, Log, Outcome, Received } from '@k8sta/bus';
import { eventId, partId } from '@k8sta/contracts';

type Later = Extract<Outcome, { is: 'later' }>;

/** For how many parts the last reason is remembered. Publishing a forgotten reason a second time does no harm. */
const maxRemembered = 10_000;

/** A fetch says how far it is about this often. */
const noteGapMs = 10_000;

export interface DelaysOptions {
  readonly bus: Pick<Bus, 'publish'>;
  readonly log: Log;
  readonly now: () => Date;
}

/** Publishes why a part cannot be committed now: once, and again when the reason changes. */
export class Delays {
  readonly #options: DelaysOptions;
  readonly #published = new Map<string, string>();

  constructor(options: DelaysOptions) {
    this.#options = options;
  }

  async publish(
    { data, deliveries, traceparent }: Received<'promotion.requested'>,
    { because, delayMs }: Later,
  ): Promise<void> {
    const { promotion, part, ticket, track, station, issue } = data;
    const id = partId(promotion, part);
    if (this.#published.get(id) === because) return;
    const { bus, log, now } = this.#options;
    const retryAt = new Date(now().getTime() + delayMs).toISOString();
    log.warn({ ticketid: ticket, promotion: id, message: because, retryAt }, 'promotion part delayed, retrying');
    await bus.publish({
      type: 'promotion.delayed',
      // The id does not depend on the reason, because the same reason may come back after another one.
      id: eventId('promotion.delayed', id, issue, deliveries),
      ticketId: ticket,
      traceparent,
      data: { promotion, part, ticket, track, station, message: because, attempt: deliveries, retryAt },
    });
    this.#published.set(id, because);
    const [oldest] = this.#published.keys();
    if (this.#published.size > maxRemembered && oldest !== undefined) this.#published.delete(oldest);
  }

  /** Publishes why a part takes long, while it is being worked on. */
  async note({ data, deliveries, traceparent }: Received<'promotion.requested'>, message: string): Promise<void> {
    const { promotion, part, ticket, track, station, issue } = data;
    const id = partId(promotion, part);
    const { bus, log, now } = this.#options;
    log.info({ ticketid: ticket, promotion: id, message }, 'promotion part takes long');
    const retryAt = new Date(now().getTime() + noteGapMs).toISOString();
    await bus.publish({
      type: 'promotion.delayed',
      id: eventId('promotion.delayed', id, issue, deliveries, 'note', now().getTime()),
      ticketId: ticket,
      traceparent,
      data: { promotion, part, ticket, track, station, message, attempt: deliveries, retryAt },
    });
  }

  /** Forgets a part that was answered. */
  answered({ promotion, part }: Received<'promotion.requested'>['data']): void {
    this.#published.delete(partId(promotion, part));
  }
}
