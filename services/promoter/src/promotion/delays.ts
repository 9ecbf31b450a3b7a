import type { Bus, Log, Outcome, Received } from '@k8sta/bus';
import { eventId, partId } from '@k8sta/contracts';

type Later = Extract<Outcome, { is: 'later' }>;

/** Of how many parts it is known what was said; one that was forgotten says its reason twice, which does no harm. */
const remembered = 10_000;

export interface DelaysOptions {
  readonly bus: Pick<Bus, 'publish'>;
  readonly log: Log;
  readonly now: () => Date;
}

/** Tells the tracker why a part cannot be committed for now: once, and again when the reason has changed. */
export class Delays {
  readonly #options: DelaysOptions;
  readonly #said = new Map<string, string>();

  constructor(options: DelaysOptions) {
    this.#options = options;
  }

  async say({ data, deliveries }: Received<'promotion.requested'>, { because, delayMs }: Later): Promise<void> {
    const { promotion, part, ticket, track, station, issue } = data;
    const id = partId(promotion, part);
    if (this.#said.get(id) === because) return;
    const { bus, log, now } = this.#options;
    const retryAt = new Date(now().getTime() + delayMs).toISOString();
    log.warn({ ticketid: ticket, promotion: id, message: because, retryAt }, 'the part cannot be committed for now');
    await bus.publish({
      type: 'promotion.delayed',
      // Not by the reason: it may come back after another one.
      id: eventId('promotion.delayed', id, issue, deliveries),
      ticketId: ticket,
      data: { promotion, part, ticket, track, station, message: because, attempt: deliveries, retryAt },
    });
    this.#said.set(id, because);
    const [oldest] = this.#said.keys();
    if (this.#said.size > remembered && oldest !== undefined) this.#said.delete(oldest);
  }

  /** The part was answered. */
  over({ promotion, part }: Received<'promotion.requested'>['data']): void {
    this.#said.delete(partId(promotion, part));
  }
}
