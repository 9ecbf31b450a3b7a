import type { Ticket } from '@k8sta/contracts';
import type { Station, Track } from '@k8sta/tracks';
import { type Refusal, refuse } from './refusal.js';

/** The Station of this name on the Track. */
export function stationOf(track: Track, name: string): Station | Refusal {
  const station = track.stations.find((each) => each.name === name);
  if (station) return station;
  const names = track.stations.map((each) => each.name).join(', ');
  return refuse('StationUnknown', `Track ${track.name} has no Station "${name}"; it has ${names}`);
}

/** The first Station that the Ticket has not entered yet; undefined if it is at the last one, or has ended. */
export function nextStation(track: Track, { state }: Ticket): Station | undefined {
  if (state.is === 'waiting') return track.stations.find(({ name }) => name === state.next);
  if (!('station' in state)) return undefined;
  const at = track.stations.findIndex(({ name }) => name === state.station);
  return at < 0 ? undefined : track.stations[at + 1];
}

/** The Station if the Ticket has not entered it yet. */
export function aheadOf(track: Track, ticket: Ticket, name: string): Station | Refusal {
  const station = stationOf(track, name);
  if ('ok' in station) return station;
  const next = nextStation(track, ticket);
  const isAhead = next !== undefined && track.stations.indexOf(station) >= track.stations.indexOf(next);
  return isAhead
    ? station
    : refuse('AlreadyArrived', `Ticket ${ticket.id} is past the gates of ${name}: it is ${where(ticket)}`);
}

/** Where a Ticket that has ended is tried again: where it failed or waited, else at the first Station. */
export function restartStation(track: Track, { state, stations }: Ticket): string {
  const last = stations.at(-1);
  const after = track.stations.findIndex(({ name }) => name === last?.station) + 1;
  const reached = last?.arrivedAt === undefined ? last?.station : track.stations[after]?.name;
  const candidates = ['station' in state ? state.station : undefined, reached, last?.station];
  const known = candidates.find((name) => track.stations.some((station) => station.name === name));
  return String(known ?? track.stations[0]?.name);
}

/** Where the Ticket is, in words. */
export function where({ state }: Ticket): string {
  if (state.is === 'waiting') return state.at === undefined ? `waiting to enter ${state.next}` : `at ${state.at}`;
  return 'station' in state && state.station !== undefined ? `${state.is} at ${state.station}` : state.is;
}
