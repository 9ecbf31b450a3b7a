import type { Bus, Unwrapped } from '@k8sta/bus';
import { type BusEvent, eventId, type ImageRef, ticketId } from '@k8sta/contracts';

export type TicketOpened = BusEvent & { readonly type: 'ticket.opened' };

/** The Ticket of a push. */
export interface Opened {
  readonly ticket: string;
  /** Whether the Ticket existed before, of the same push or of another announcement of it. */
  readonly isRepeat: boolean;
}

/** As long as JetStream itself recognises a repeated id. */
const rememberedMs = 2 * 60 * 1000;
const mostRemembered = 1_000;

/** What an event says about its Ticket. */
type Claim = Pick<Unwrapped<'ticket.opened'>['data'], 'ticket' | 'image'>;

export interface TicketPublisherOptions {
  readonly bus: Pick<Bus, 'publish' | 'at'>;
  readonly now: () => Date;
}

/**
 * Publishes the opening of Tickets, once each. A Ticket's id depends on the digest, which not every sender knows. So the id of the
 * message is that of the tag: of all replicas that publish one at the same time, JetStream lets one win, and the others
 * compare their digest with that of the winner.
 */
export class TicketPublisher {
  readonly #options: TicketPublisherOptions;
  /** By message id: the claim of the message that was first. A repeat is not published a second time. */
  readonly #claims = new Map<string, { readonly until: number; readonly first: Promise<Claim> }>();

  constructor(options: TicketPublisherOptions) {
    this.#options = options;
  }

  /** Resolves once JetStream holds an event that opens a Ticket for this push. */
  async open(event: TicketOpened): Promise<Opened> {
    const { track, image, attempt } = event.data;
    const { digest, ...tag } = image;
    const first = await this.#claim(eventId('ticket.opened', ticketId(track, tag, attempt)), event);
    if (isSamePush(first.image, image)) return { ticket: first.ticket, isRepeat: first !== event.data };
    // The tag names another image than a moment ago.
    const ticket = ticketId(track, image, attempt);
    const own = { ...event, ticketId: ticket, data: { ...event.data, ticket } };
    const claim = await this.#claim(eventId('ticket.opened', ticket), own);
    return { ticket: claim.ticket, isRepeat: claim !== own.data };
  }

  /** Publishes the event with this message id. Returns its own claim, or that of the message that was published before. */
  async #claim(id: string, event: TicketOpened): Promise<Claim> {
    const now = this.#options.now().getTime();
    for (const [each, { until }] of this.#claims) {
      if (until > now && this.#claims.size <= mostRemembered) break;
      this.#claims.delete(each);
    }
    const before = this.#claims.get(id);
    // A copy, because it is not the caller's own claim.
    if (before) return { ...(await before.first) };
    const first = this.#publish({ ...event, id });
    this.#claims.set(id, { until: now + rememberedMs, first });
    first.catch(() => this.#claims.delete(id));
    return first;
  }

  async #publish(event: TicketOpened): Promise<Claim> {
    const { bus } = this.#options;
    const { duplicate, sequence } = await bus.publish(event);
    if (!duplicate) return event.data;
    const first = await bus.at('ticket.opened', sequence);
    if (first) return first.data;
    // Somebody removed it from the stream. JetStream forgets its id within minutes, and so do we at once.
    this.#claims.delete(event.id);
    return { ...event.data };
  }
}

/** A digest that one of them does not know contradicts nothing. */
export function isSamePush(one: ImageRef, other: ImageRef): boolean {
  return one.digest === undefined || other.digest === undefined || one.digest === other.digest;
}
