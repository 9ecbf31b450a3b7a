import type { Ticket } from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';
import { imagesOf, type Track } from '@k8sta/tracks';
import type { Facts } from './facts.js';
import { type Pause, pauseKey } from './pauses.js';
import { type StationModel, stationModel } from './station.js';
import { isOpen, stationOf, type TicketModel, ticketModel } from './ticket.js';

/** A problem that the last check of the Track found. */
export interface FindingModel {
  readonly station: string;
  readonly reason: string;
  readonly message: string;
  /** No Ticket enters the Station until the problem is fixed. */
  readonly holds: boolean;
}

/** One Track as the board shows it, without colour, HTML or the time of day. */
export interface TrackModel {
  readonly name: string;
  readonly repositories: readonly string[];
  readonly stations: readonly StationModel[];
  readonly findings: readonly FindingModel[];
  /** Those on their way, the newest first. */
  readonly open: readonly TicketModel[];
  /** The last that ended: first the failures without a later success, at most one for each repository. */
  readonly ended: readonly TicketModel[];
  /** How many others have ended. */
  readonly endedMore: number;
  readonly pause?: Pause | undefined;
  /** Something on it is failed, Degraded, missing or held. */
  readonly trouble: boolean;
  /** A Ticket is on its way. */
  readonly moving: boolean;
}

/** How many of the Tickets that have ended are shown. */
const endedShown = 3;

/** The Track with its Tickets. */
export function trackModel(facts: Facts, track: Track, tickets: readonly Ticket[]): TrackModel {
  const stations = track.stations.map((station) => stationModel(facts, track, station));
  const troubled = new Set(stations.filter(({ trouble }) => trouble).map(({ name }) => name));
  const open = tickets
    .filter(isOpen)
    .sort((a, b) => b.pushedAt.localeCompare(a.pushedAt))
    .map((ticket) =>
      ticketModel(track, ticket, ticket.state.is === 'syncing' && troubled.has(stationOf(ticket) ?? '')),
    );
  const findings = (facts.findings.get(track.name) ?? []).map(({ station, reason, message, holds }) => ({
    ...{ station, reason, holds, message: sanitizeLine(message) },
  }));
  const { ended, endedMore } = lastEnded(track, tickets);
  return {
    name: track.name,
    repositories: imagesOf(track).map(({ repository }) => repository),
    ...{ stations, findings, open, ended, endedMore },
    pause: facts.pauses?.get(pauseKey(track.name)),
    trouble: [...stations, ...open, ...ended].some((each) => each.trouble) || findings.some(({ holds }) => holds),
    moving: open.length > 0,
  };
}

function lastEnded(track: Track, tickets: readonly Ticket[]): Pick<TrackModel, 'ended' | 'endedMore'> {
  const ended = tickets.filter((ticket) => !isOpen(ticket)).sort(lastEndedFirst);
  const failures = unresolved(ended);
  const shown = [
    ...ended.filter((ticket) => failures.has(ticket)),
    ...ended.filter((ticket) => !failures.has(ticket)),
  ].slice(0, Math.max(endedShown, failures.size));
  return {
    ended: shown.map((ticket) => ticketModel(track, ticket, failures.has(ticket))),
    endedMore: ended.length - shown.length,
  };
}

/** The failed Tickets without a later completed one of their repository: at most one for each repository. */
function unresolved(newestFirst: readonly Ticket[]): ReadonlySet<Ticket> {
  const last = new Map<string, Ticket>();
  for (const ticket of newestFirst) {
    const decided = ticket.state.is === 'completed' || ticket.state.is === 'failed';
    if (decided && !last.has(ticket.image.repository)) last.set(ticket.image.repository, ticket);
  }
  return new Set([...last.values()].filter(({ state }) => state.is === 'failed'));
}

function lastEndedFirst(a: Ticket, b: Ticket): number {
  return b.state.since.localeCompare(a.state.since);
}

/** The Tickets of each Track. */
export function byTrack(tickets: Facts['tickets']): ReadonlyMap<string, readonly Ticket[]> {
  const groups = new Map<string, Ticket[]>();
  for (const ticket of tickets.values()) {
    const group = groups.get(ticket.track);
    if (group) group.push(ticket);
    else groups.set(ticket.track, [ticket]);
  }
  return groups;
}
