import type { Ticket } from '@k8sta/contracts';
import type { LaneOrder, LiveTicket, TrackState } from './state.js';

/** The Ticket's place in its lane. */
export function laneOrderOf(ticket: Ticket): LaneOrder {
  return { ticket: ticket.id, pushedAt: ticket.pushedAt, sequence: ticket.sequence };
}

/** Whether `a` was pushed after `b`: by the sender's push time, ties by the order in which the bus stored them. */
export function isNewer(a: LaneOrder, b: LaneOrder): boolean {
  const [first, second] = [Date.parse(a.pushedAt), Date.parse(b.pushedAt)];
  return first === second ? a.sequence > b.sequence : first > second;
}

/** The live Tickets, oldest first: the older one gives way. */
export function oldestFirst({ tickets }: TrackState): LiveTicket[] {
  return Object.values(tickets).sort((a, b) => (isNewer(laneOrderOf(a.ticket), laneOrderOf(b.ticket)) ? 1 : -1));
}

/**
 * The newer Ticket of the lane that makes it pointless for this one to enter its next Station: it has entered that
 * Station or the one where this Ticket is, or it waits for the same block.
 */
export function supersederOf(state: TrackState, { ticket }: LiveTicket): LaneOrder | undefined {
  if (ticket.state.is !== 'waiting') return undefined;
  const own = laneOrderOf(ticket);
  const { at, next } = ticket.state;
  const entered = state.lanes[ticket.image.repository]?.entered ?? {};
  const ahead = [entered[next], at === undefined ? undefined : entered[at]];
  const taken = ahead.find((order) => order && isNewer(order, own));
  if (taken) return taken;
  const waiting = Object.values(state.tickets)
    .filter((other) => other.ticket.image.repository === ticket.image.repository)
    .filter((other) => other.ticket.state.is === 'waiting' && other.ticket.state.next === next)
    .map((other) => laneOrderOf(other.ticket))
    .filter((order) => isNewer(order, own));
  return waiting.sort((a, b) => (isNewer(a, b) ? -1 : 1))[0];
}

/**
 * The Ticket that holds the Station. Lanes of a Track share their Stations' Applications, so that a block of one lane
 * keeps out the others as well: no two of them may edit the same Application while one is in flight there.
 */
export function holderOf(state: TrackState, station: string): LiveTicket | undefined {
  return Object.values(state.tickets).find(({ ticket: { state: now } }) => {
    return (now.is === 'promoting' || now.is === 'syncing') && now.station === station;
  });
}
