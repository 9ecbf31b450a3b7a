import { membersOf } from '@k8sta/applications';
import { applicationKey, formatImage, type ImageRef, type Ticket, tryParseImage } from '@k8sta/contracts';
import { imagesOf, type Station, type Track } from '@k8sta/tracks';
import { compare, parse, type SemVer } from 'semver';
import { isExpress } from './express.js';
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

/** The live Tickets in the order of their pushes, so that no lane gets ahead of another by its versions. */
export function oldestFirst({ tickets }: TrackState): LiveTicket[] {
  return Object.values(tickets).sort((a, b) => (isLaterPush(laneOrderOf(a.ticket), laneOrderOf(b.ticket)) ? 1 : -1));
}

/** Whether the files name both in the same way. */
export function isSameImage(a: ImageRef, b: ImageRef): boolean {
  return a.tag === b.tag && a.digest === b.digest;
}

export function laneOf({ lanes }: TrackState, { ticket }: LiveTicket): Lane | undefined {
  return lanes[ticket.image.repository];
}

/** What arrived at the Station, newest arrival first. */
export function arrivalsAt(state: TrackState, live: LiveTicket, station: string): readonly Arrival[] {
  return laneOf(state, live)?.arrivals[station] ?? [];
}

/**
 * The newer Ticket of the lane that makes it pointless for this one to enter its next Station: it has arrived where this
 * Ticket is, or it waits for the same block.
 */
export function supersederOf(track: Track, state: TrackState, live: LiveTicket): LaneOrder | undefined {
  const { ticket } = live;
  if (ticket.state.is !== 'waiting' || ticket.state.next === undefined) return undefined;
  const { at, next } = ticket.state;
  if (isExpress(live, track, next)) return undefined;
  const arrived = at === undefined ? undefined : arrivalsAt(state, live, at)[0]?.order;
  if (arrived && isAhead(track, live, arrived)) return arrived;
  // What an operator opened may follow a newer one into a Station.
  if (ticket.by !== undefined) return undefined;
  return waitingFor(state, live, next)
    .map((other) => laneOrderOf(other.ticket))
    .filter((other) => isAhead(track, live, other))
    .sort((a, b) => (isNewer(a, b, track.order) ? -1 : 1))[0];
}

/** The newer Ticket of the lane that has entered the Station; undefined if there is none. */
export function enteredAhead(
  track: Track,
  state: TrackState,
  live: LiveTicket,
  station: string,
): LaneOrder | undefined {
  const entered = laneOf(state, live)?.entered[station];
  return entered && isAhead(track, live, entered) ? entered : undefined;
}

function isAhead({ order }: Track, { ticket }: LiveTicket, other: LaneOrder): boolean {
  return other.ticket !== ticket.id && isNewer(other, laneOrderOf(ticket), order);
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

/** Another Ticket of the lane that holds the Station. */
export function rivalAt(state: TrackState, { ticket }: LiveTicket, station: string): LiveTicket | undefined {
  const holder = holderOf(state, station);
  const isRival = holder?.ticket.id !== ticket.id && holder?.ticket.image.repository === ticket.image.repository;
  return isRival ? holder : undefined;
}

/**
 * The image with a higher version than the Ticket's that the Station has: by what K8sTA committed there last, else by what
 * its Applications run. Undefined if there is none, or while another Ticket of the lane changes it.
 */
export function higherVersionAt(
  track: Track,
  state: TrackState,
  live: LiveTicket,
  station: Station,
): string | undefined {
  if (rivalAt(state, live, station.name)) return undefined;
  const standing = laneOf(state, live)?.standing[station.name];
  if (standing && !standing.resumed) {
    return isHigherVersion(track, standing.image.tag, live) ? formatImage(standing.image) : undefined;
  }
  const { repository } = live.ticket.image;
  const { aliases = [] } = imagesOf(track).find((each) => each.repository === repository) ?? {};
  return membersOf(state.observations, station)
    .flatMap((member) => state.observations[applicationKey(member)]?.observed.images ?? [])
    .find((image) => {
      const named = tryParseImage(image);
      return named && [repository, ...aliases].includes(named.repository) && isHigherVersion(track, named.tag, live);
    });
}

/** Whether the tag is a higher version than the Ticket's, on a Track that compares versions. */
export function isHigherVersion({ order }: Track, tag: string | undefined, { ticket }: LiveTicket): boolean {
  const [version, own] = [versionOf(tag), versionOf(ticket.image.tag)];
  return order === 'semver' && version !== undefined && own !== undefined && compare(version, own) > 0;
}
