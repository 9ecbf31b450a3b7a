import { type Ticket, tryParseImage } from '@k8sta/contracts';
import type { Track } from '@k8sta/tracks';
import { compare, parse, type SemVer } from 'semver';
import type { Arrival, Lane, LaneOrder, LiveTicket, TrackState } from './state.js';

/** The Ticket's place in its lane. */
export function laneOrderOf(ticket: Ticket): LaneOrder {
  return { ticket: ticket.id, tag: ticket.image.tag, pushedAt: ticket.pushedAt, sequence: ticket.sequence };
}

/** Whether `a` was pushed after `b`: by the sender's push time, ties by the order in which the bus stored them. */
export function isLaterPush(a: LaneOrder, b: LaneOrder): boolean {
  const [first, second] = [Date.parse(a.pushedAt), Date.parse(b.pushedAt)];
  return first === second ? a.sequence > b.sequence : first > second;
}

/**
 * Whether `a` is newer than `b`: the higher version, or the later push, as the Track says. The same version pushed again
 * is newer; a tag that is no version is older than any version.
 */
export function isNewer(a: LaneOrder, b: LaneOrder, order: Track['order']): boolean {
  if (order === 'push') return isLaterPush(a, b);
  const [first, second] = [versionOf(a.tag), versionOf(b.tag)];
  if (first && second) {
    const compared = compare(first, second);
    return compared === 0 ? isLaterPush(a, b) : compared > 0;
  }
  return first || second ? first !== undefined : isLaterPush(a, b);
}

function versionOf(tag: string | undefined): SemVer | undefined {
  return parse(tag) ?? undefined;
}

/** The live Tickets, oldest first: the older one gives way. */
export function oldestFirst({ tickets }: TrackState, order: Track['order']): LiveTicket[] {
  return Object.values(tickets).sort((a, b) => (isNewer(laneOrderOf(a.ticket), laneOrderOf(b.ticket), order) ? 1 : -1));
}

export function laneOf({ lanes }: TrackState, { ticket }: LiveTicket): Lane | undefined {
  return lanes[ticket.image.repository];
}

/** What arrived at the Station, newest arrival first. */
export function arrivalsAt(state: TrackState, live: LiveTicket, station: string): readonly Arrival[] {
  return laneOf(state, live)?.arrivals[station] ?? [];
}

/**
 * The newer Ticket of the lane that makes it pointless for this one to enter its next Station: it has entered that
 * Station, it has arrived where this Ticket is, or it waits for the same block.
 */
export function supersederOf(track: Track, state: TrackState, live: LiveTicket): LaneOrder | undefined {
  const { ticket } = live;
  if (ticket.state.is !== 'waiting' || ticket.state.next === undefined || live.express) return undefined;
  const own = laneOrderOf(ticket);
  const { at, next } = ticket.state;
  const isNewerThanOwn = (order: LaneOrder | undefined) =>
    order !== undefined && order.ticket !== own.ticket && isNewer(order, own, track.order);
  const arrived = at === undefined ? undefined : arrivalsAt(state, live, at)[0]?.order;
  // What an operator opened may follow a newer one into a Station.
  if (ticket.by !== undefined) return isNewerThanOwn(arrived) ? arrived : undefined;
  const ahead = [laneOf(state, live)?.entered[next], arrived].find(isNewerThanOwn);
  if (ahead) return ahead;
  return waitingFor(state, live, next)
    .map((other) => laneOrderOf(other.ticket))
    .filter(isNewerThanOwn)
    .sort((a, b) => (isNewer(a, b, track.order) ? -1 : 1))[0];
}

/** The other Tickets of the lane that wait to enter the Station, without those whose junction Tickets are on their way. */
export function waitingFor(state: TrackState, { ticket }: LiveTicket, station: string): LiveTicket[] {
  return Object.values(state.tickets).filter(({ ticket: other, children }) => {
    if (other.id === ticket.id || other.image.repository !== ticket.image.repository || children) return false;
    return other.state.is === 'waiting' && other.state.on !== 'soak' && other.state.next === station;
  });
}

/**
 * The Ticket that holds the Station: from the request until arrival and soak are over. Lanes of a Track share their
 * Stations' Applications, so that a block of one lane keeps out the others as well: no two of them may edit the same
 * Application while one is in flight there.
 */
export function holderOf(state: TrackState, station: string): LiveTicket | undefined {
  return Object.values(state.tickets).find(({ ticket }) => heldBy(ticket) === station);
}

/** The Station that the Ticket holds. */
export function heldBy({ state }: Ticket): string | undefined {
  if (state.is === 'promoting' || state.is === 'syncing' || state.is === 'rollingBack') return state.station;
  return state.is === 'waiting' && state.on === 'soak' ? state.at : undefined;
}

/** An image with a higher version than the Ticket's that one of these Applications runs; undefined if there is none. */
export function higherVersionAt(
  { order, images }: Track,
  { observations }: TrackState,
  { ticket }: LiveTicket,
  applications: readonly string[],
): string | undefined {
  const own = versionOf(ticket.image.tag);
  if (order !== 'semver' || !own) return undefined;
  const { aliases = [] } = images.find(({ repository }) => repository === ticket.image.repository) ?? {};
  const repositories = [ticket.image.repository, ...aliases];
  return applications
    .flatMap((key) => observations[key]?.observed.images ?? [])
    .find((image) => {
      const { repository = '', tag } = tryParseImage(image) ?? {};
      const version = versionOf(tag);
      return repositories.includes(repository) && version !== undefined && compare(version, own) > 0;
    });
}
