import type { Ticket } from '@k8sta/contracts';
import type { LaneOrder, Rider, TrackState } from './state.js';

/** Where the Ticket stands among the others of its lane. */
export function laneOrderOf(ticket: Ticket): LaneOrder {
  return { ticket: ticket.ticket, pushedAt: ticket.pushedAt, sequence: ticket.sequence };
}

/** Whether `a` was pushed after `b`: by the sender's push time, ties by the order in which the bus stored them. */
export function isNewer(a: LaneOrder, b: LaneOrder): boolean {
  const [first, second] = [Date.parse(a.pushedAt), Date.parse(b.pushedAt)];
  return first === second ? a.sequence > b.sequence : first > second;
}

/**
 * The Ticket that makes it pointless for this one to enter its next Station: a newer one of its lane, there or on the
 * way, or one that has taken its place where it is.
 */
export function supersederOf(state: TrackState, { ticket }: Rider): LaneOrder | undefined {
  if (ticket.state.is !== 'waiting') return undefined;
  const own = laneOrderOf(ticket);
  const { at, next } = ticket.state;
  const entered = state.lanes[ticket.image.repository]?.entered ?? {};
  const ahead = [entered[next], at === undefined ? undefined : entered[at]];
  const taken = ahead.find((order) => order && isNewer(order, own));
  if (taken) return taken;
  const waiting = Object.values(state.riders)
    .filter((other) => other.ticket.image.repository === ticket.image.repository)
    .filter((other) => other.ticket.state.is === 'waiting' && other.ticket.state.next === next)
    .map((other) => laneOrderOf(other.ticket))
    .filter((order) => isNewer(order, own));
  return waiting.sort((a, b) => (isNewer(a, b) ? -1 : 1))[0];
}

/**
 * Who holds the Station. Lanes of a Track share their Stations' Applications, so a block of one lane keeps out the
 * others as well: no two of them may edit the same Application while one is in flight there.
 */
export function holderOf(state: TrackState, station: string): Rider | undefined {
  return Object.values(state.riders).find(({ ticket: { state: now } }) => {
    return (now.is === 'promoting' || now.is === 'syncing' || now.is === 'rollingBack') && now.station === station;
  });
}
