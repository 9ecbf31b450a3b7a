import { eventId, formatImage, type ImageRef, ticketId } from '@k8sta/contracts';
import { refusals, subscribers, type Track } from '@k8sta/tracks';
import type { Received } from './opens.js';
import type { Delivery } from './senders/sender.js';
import type { TicketOpened } from './ticket-publisher.js';

/** A Ticket as the answer to a webhook names it. */
interface NamedTicket {
  readonly track: string;
  readonly ticket: string;
  readonly image: string;
}

/** A Ticket that a webhook opens, unless it exists already. */
export interface Opening {
  readonly event: TicketOpened;
  readonly pushedAt: Date;
  readonly named: NamedTicket;
}

/** Why a webhook opens no Ticket. */
export interface NotSubscribed {
  readonly reason: 'RepositoryNotSubscribed' | 'TagNotSubscribed';
  /** For the sender, so it names no Track. */
  readonly message: string;
  /** For the log: Tracks that subscribe to the repository but not to the tag. */
  readonly tracks: readonly string[];
}

/** What follows from a webhook. */
export interface Consequence {
  readonly received: Received;
  readonly openings: readonly Opening[];
  /** Present if there are no openings. */
  readonly notSubscribed?: NotSubscribed;
}

/** Who posted a webhook, and when. */
export interface Receipt {
  readonly sender: string;
  /** The name of the secret that proved it, if one did. */
  readonly provenBy?: string | undefined;
  readonly receivedAt: Date;
  readonly traceparent: string;
}

/** The Tickets that a webhook opens on the Tracks that subscribe to its images. Pure. */
export function openTickets(delivery: Delivery, tracks: readonly Track[], receipt: Receipt): Consequence {
  const { sender, provenBy, receivedAt, traceparent } = receipt;
  const openings = delivery.pushes.flatMap(({ image, pushedAt }) =>
    subscribers(tracks, image.repository, image.tag).map(({ name: track }): Opening => {
      const ticket = ticketId(track, image);
      const event = {
        type: 'ticket.opened' as const,
        id: eventId('ticket.opened', ticket),
        ticketId: ticket,
        traceparent,
        data: { ticket, track, image: { ...image }, sender, pushedAt: pushedAt.toISOString(), delivery: delivery.id },
      };
      return { event, pushedAt, named: { track, ticket, image: formatImage(image) } };
    }),
  );
  return {
    received: {
      type: 'delivery.received',
      id: eventId('delivery.received', sender, delivery.id),
      traceparent,
      data: {
        sender,
        delivery: delivery.id,
        receivedAt: receivedAt.toISOString(),
        ...(provenBy !== undefined && { provenBy }),
        contentType: delivery.contentType,
        body: delivery.body,
        pushes: delivery.pushes.map(({ image, pushedAt }) => ({
          image: { ...image },
          pushedAt: pushedAt.toISOString(),
        })),
      },
    },
    openings,
    ...(openings.length === 0 && { notSubscribed: notSubscribed(delivery, tracks) }),
  };
}

/** The same opening, of another Ticket. */
export function ofTicket(
  { event, pushedAt, named }: Opening,
  ticket: string,
  change: Partial<Pick<Opening['event']['data'], 'image' | 'attempt'>>,
): Opening {
  const data = { ...event.data, ...change, ticket };
  return {
    event: { ...event, id: eventId('ticket.opened', ticket), ticketId: ticket, data },
    pushedAt,
    named: { ...named, ticket },
  };
}

/** How many items of a list an answer or a log line names: there may be hundreds of Tracks. */
export const mostNamed = 20;

function notSubscribed({ pushes }: Delivery, tracks: readonly Track[]): NotSubscribed {
  const refused = pushes.flatMap(({ image }) =>
    refusals(tracks, image.repository, image.tag).map((refusal) => ({ ...refusal, image })),
  );
  const [first] = refused;
  if (!first) {
    const repositories = firstOf(new Set(pushes.map(({ image }) => image.repository)));
    return {
      reason: 'RepositoryNotSubscribed',
      message: `no Track subscribes to ${repositories.join(', ')}`,
      tracks: [],
    };
  }
  const because = (image: ImageRef) =>
    firstOf(new Set(refused.filter((each) => each.image === image).map(({ message }) => message)));
  return {
    reason: 'TagNotSubscribed',
    message: `tag ${first.image.tag} of ${first.image.repository} ${because(first.image).join('; ')}`,
    tracks: refused.slice(0, mostNamed).map(({ track }) => track),
  };
}

/** A sentence lists only the first few. */
function firstOf(list: Iterable<string>): string[] {
  const most = 3;
  const all = [...list];
  return all.length > most ? [...all.slice(0, most), `${all.length - most} more`] : all;
}
