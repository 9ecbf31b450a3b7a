import type { Bus, Log, Outcome, Received } from '@k8sta/bus';
import { eventId, partId } from '@k8sta/contracts';
import { LRUCache } from 'lru-cache';
import type { Requested } from './part-events.js';

type Later = Extract<Outcome, { is: 'later' }>;

/** For how many parts the last reason is remembered. Publishing a forgotten reason a second time does no harm. */
const maxRemembered = 10_000;

/** Another promoter may have published another reason in the meantime, which ours has to replace one day. */
const repeatMs = 60 * 60_000;

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
  readonly #published = new LRUCache<string, { readonly because: string; readonly at: number }>({ max: maxRemembered });

  constructor(options: DelaysOptions) {
    this.#options = options;
  }

  async publish(event: Received<'promotion.requested'>, outcome: Later): Promise<void> {
    const { deliveries } = event;
    // The id does not depend on the reason, because the same reason may come back after another one.
    await this.#changed(event, outcome, deliveries, [deliveries]);
  }

  /** As {@link publish}, for a look that a hint of a forge has caused: a pull request may wait for something else now. */
  async hinted(event: Requested, outcome: Later, sequence: number): Promise<void> {
    await this.#changed(event, outcome, 1, ['hint', sequence]);
  }

  async #changed(
    { data, traceparent }: Requested,
    { because, delayMs }: Later,
    attempt: number,
    at: readonly (string | number)[],
  ): Promise<void> {
    const { promotion, part, ticket, track, station, issue } = data;
    const id = partId(promotion, part);
    const { bus, log, now } = this.#options;
    const published = this.#published.get(id);
    const nowMs = now().getTime();
    if (published?.because === because && nowMs - published.at < repeatMs) return;
    const retryAt = new Date(nowMs + delayMs).toISOString();
    const fields = { ticketid: ticket, promotion: id, message: because, retryAt };
    if (data.write?.pullRequest) log.info(fields, 'pull request waits');
    else log.warn(fields, 'promotion part delayed, retrying');
    await bus.publish({
      type: 'promotion.delayed',
      id: eventId('promotion.delayed', id, issue, ...at),
      ticketId: ticket,
      traceparent,
      data: { promotion, part, ticket, track, station, message: because, attempt, retryAt },
    });
    this.#published.set(id, { because, at: nowMs });
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
