import type { Unwrapped } from '@k8sta/bus';
import { type BusEvent, eventId } from '@k8sta/contracts';
import type { TicketOpened } from './ticket-publisher.js';

export type Received = BusEvent & { readonly type: 'delivery.received' };

/** More are not repaired: they must fit into the message of the delivery. */
const mostOpens = 100;

/** The delivery with the Tickets that it opens, if they fit into so many bytes beside the body. */
export function withOpens(received: Received, opened: readonly TicketOpened[], limit: number): Received {
  if (opened.length === 0 || opened.length > mostOpens) return received;
  const opens = opened.map(({ data: { ticket, track, image, attempt, pushedAt } }) => ({
    ...{ ticket, track, image, pushedAt },
    ...(attempt !== undefined && { attempt }),
  }));
  const { body, pushes = [] } = received.data;
  // No unit of UTF-16 has more than the six bytes of an escape, and no push or Ticket more than a kilobyte.
  const most = body.length * 6 + (pushes.length + opens.length) * 1_024;
  const fits = most <= limit || Buffer.byteLength(JSON.stringify([body, pushes, opens])) <= limit;
  return fits ? { ...received, data: { ...received.data, opens } } : received;
}

/** The events that open the Tickets of a stored delivery. */
export function openedBy({ data, traceparent }: Unwrapped<'delivery.received'>): TicketOpened[] {
  const { sender, delivery, opens = [] } = data;
  return opens.map((opened) => ({
    type: 'ticket.opened',
    id: eventId('ticket.opened', opened.ticket),
    ticketId: opened.ticket,
    ...(traceparent !== undefined && { traceparent }),
    data: { ...opened, sender, delivery },
  }));
}
