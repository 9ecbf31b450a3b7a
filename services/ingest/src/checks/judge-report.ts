import { isOver, type Ticket } from '@k8sta/contracts';
import { didYouMean } from '@k8sta/text';
import type { Station, Track } from '@k8sta/tracks';
import type { Report } from './report.js';

/** Why a report changes nothing. */
export interface Unwanted {
  readonly outcome: 'checkUnknown' | 'ticketUnknown' | 'notAwaited';
  readonly reason:
    | 'TrackUnknown'
    | 'StationUnknown'
    | 'CheckUnknown'
    | 'TicketUnknown'
    | 'TicketOver'
    | 'AlreadyArrived'
    | 'CheckNotRequested';
  readonly message: string;
}

/** A check of the tracks files. */
export interface KnownCheck {
  readonly track: Track;
  readonly station: Station;
  /** The Station where the check is made. */
  readonly of: string;
}

type Named = Pick<Report, 'track' | 'station' | 'name' | 'ticket'>;

/** The check that the report names. Pure. */
export function findCheck(
  tracks: readonly Track[],
  { track: on, station: before, name }: Named,
): KnownCheck | Unwanted {
  const track = tracks.find((each) => each.name === on);
  if (!track) {
    const hint = didYouMean(
      on,
      tracks.map((each) => each.name),
    );
    return unknown('TrackUnknown', `no tracks file has a Track "${on}"${hint}`);
  }
  const station = track.stations.find((each) => each.name === before);
  if (!station) {
    const names = track.stations.map((each) => each.name);
    return unknown('StationUnknown', `the Track ${on} has no Station "${before}"; it has ${listed(names)}`);
  }
  const check = station.gates.checks.find((each) => each.name === name);
  if (check) return { track, station, of: check.of };
  const names = station.gates.checks.map((each) => each.name);
  return unknown(
    'CheckUnknown',
    `the Station ${before} of the Track ${on} has no check "${name}"; it has ${listed(names)}`,
  );
}

/** Why the Ticket does not wait for this check; undefined if it does. Pure. */
export function judgeTicket(
  check: KnownCheck,
  { ticket: id }: Named,
  ticket: Ticket | undefined,
): Unwanted | undefined {
  const { track, station, of } = check;
  if (!ticket) {
    return {
      outcome: 'ticketUnknown',
      reason: 'TicketUnknown',
      message: `the Track ${track.name} has no Ticket ${id}, or it ended long ago`,
    };
  }
  const { state } = ticket;
  if (isOver(state)) return notAwaited('TicketOver', `Ticket ${id} has ended: it is ${state.is}`);
  const next = nextOf(track, ticket);
  if (next < 0 || track.stations.indexOf(station) < next) {
    return notAwaited('AlreadyArrived', `Ticket ${id} is past the gates of ${station.name}`);
  }
  // The tracker drops a report that comes before its request.
  const isChecked = ticket.stations.some((record) => record.station === of && record.arrivedAt !== undefined);
  const isAtGate = state.is === 'waiting' && state.next === station.name;
  if (isChecked || isAtGate) return undefined;
  return notAwaited('CheckNotRequested', `Ticket ${id} has not arrived at ${of} yet, where it is to be checked`);
}

/** The index of the first Station that the Ticket has not entered; negative if there is none. */
function nextOf({ stations }: Track, { state }: Ticket): number {
  if (state.is === 'waiting') return stations.findIndex(({ name }) => name === state.next);
  const at = 'station' in state ? stations.findIndex(({ name }) => name === state.station) : -1;
  return at < 0 ? -1 : at + 1;
}

function unknown(reason: Unwanted['reason'], message: string): Unwanted {
  return { outcome: 'checkUnknown', reason, message };
}

function notAwaited(reason: Unwanted['reason'], message: string): Unwanted {
  return { outcome: 'notAwaited', reason, message };
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 20).join(', ') || 'none';
  return names.length > 20 ? `${shown} and ${names.length - 20} more` : shown;
}
