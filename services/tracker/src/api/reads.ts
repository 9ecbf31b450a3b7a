import {
  type ApiReply,
  type ApiRequest,
  applicationKey,
  formatImage,
  longestList,
  type Ticket,
} from '@k8sta/contracts';
import type { Station, Track } from '@k8sta/tracks';
import { atOnce } from '../at-once.js';
import type { Engine } from '../engine.js';
import type { TrackState } from '../ride/state.js';
import { isRefusal, type Refusal } from './refusal.js';
import type { Tickets } from './tickets.js';
import { pauseOf } from './track-marks.js';

/** How many Tracks are read at a time. */
const parallel = 32;

/** How much of a list a reply holds, in bytes: NATS accepts a megabyte, and a message of Argo CD may be long. */
const listBytes = 512 * 1024;

/** Answers what changes nothing. */
export function readsOf(engine: Pick<Engine, 'tracks' | 'state'>, tickets: Tickets) {
  return {
    async tickets({ track: name, ended = false, limit = 100 }: ApiRequest<'tickets'>) {
      const named = name === undefined ? undefined : tickets.track(name);
      if (isRefusal(named)) return named;
      const tracks = named ? [named] : engine.tracks;
      const found = new Map<string, Ticket>();
      if (ended) for (const ticket of await tickets.ended(tracks, limit)) found.set(ticket.id, ticket);
      await atOnce(parallel, tracks, async (track) => {
        const { tickets: live } = await engine.state(track);
        for (const { ticket } of Object.values(live)) found.set(ticket.id, ticket);
      });
      const newest = [...found.values()].sort((a, b) => Date.parse(b.pushedAt) - Date.parse(a.pushedAt)).map(lineOf);
      return { ok: true as const, ...bounded('tickets', newest, limit) };
    },

    async ticket({ ticket: prefix, track }: ApiRequest<'ticket'>) {
      const found = await tickets.find(prefix, track);
      if (isRefusal(found)) return found;
      const { ticket } = found;
      return { ok: true as const, ticket: { ...lineOf(ticket), stations: ticket.stations } };
    },

    async tracks(_request: ApiRequest<'tracks'>) {
      const lines = new Map<Track, ReturnType<typeof trackLine>>();
      await atOnce(parallel, engine.tracks, async (track) => {
        lines.set(track, trackLine(track, await engine.state(track)));
      });
      const inOrder = engine.tracks.flatMap((track) => lines.get(track) ?? []);
      return { ok: true as const, ...bounded('tracks', inOrder, longestList) };
    },

    async track({ track: name }: ApiRequest<'track'>): Promise<ApiReply<'track'> | Refusal> {
      const track = tickets.track(name);
      if (isRefusal(track)) return track;
      const state = await engine.state(track);
      const arrived = await newestArrivals(track, state, tickets);
      const stations = track.stations.map((station) => stationLine(station, state, arrived.get(station.name)));
      return { ok: true as const, track: { ...trackLine(track, state), stations, findings: state.findings } };
    },
  };
}

function lineOf({ id, track, image, pushedAt, sender, openedAt, state }: Ticket) {
  return { id, track, image, pushedAt, sender, openedAt, state };
}

function trackLine(track: Track, state: TrackState) {
  const paused = pauseOf(state);
  return {
    name: track.name,
    images: track.images.map(({ repository }) => repository),
    stations: track.stations.map(({ name }) => name),
    tickets: Object.keys(state.tickets).length,
    findings: state.findings.length,
    ...(paused && { paused }),
  };
}

function stationLine(station: Station, state: TrackState, arrived: Arrived | undefined) {
  const { name, applications } = station;
  const [paused, tracks] = [pauseOf(state, name), station.tracks];
  const there = Object.values(state.tickets).filter(({ ticket: { state: now } }) => {
    return now.is === 'waiting' ? (now.at ?? now.next) === name : 'station' in now && now.station === name;
  });
  return {
    name,
    ...(tracks.length > 0 ? { tracks: [...tracks] } : { applications: applications.map(applicationKey) }),
    ...(paused && { paused }),
    ...arrived,
    tickets: there.map(({ ticket }) => ticket.id).slice(0, longestList),
  };
}

interface Arrived {
  readonly image: string;
  readonly arrivedAt: string;
}

/** What arrived last at each Station, as far as the tracker remembers it. */
async function newestArrivals(track: Track, { tickets: live }: TrackState, tickets: Tickets) {
  const known = [...Object.values(live).map(({ ticket }) => ticket), ...(await tickets.ended([track], lookedAt))];
  const newest = new Map<string, Arrived>();
  for (const { image, stations } of known) {
    for (const { station, arrivedAt } of stations) {
      const isNewer = arrivedAt !== undefined && arrivedAt > (newest.get(station)?.arrivedAt ?? '');
      if (isNewer) newest.set(station, { image: formatImage(image), arrivedAt });
    }
  }
  return newest;
}

/** How many ended Tickets are read to say what runs at the Stations. */
const lookedAt = 50;

/** As many items as the reply may hold, and how many it leaves out. */
function bounded<Name extends string, Item>(name: Name, items: readonly Item[], limit: number) {
  const held: Item[] = [];
  let bytes = 0;
  for (const item of items.slice(0, limit)) {
    bytes += Buffer.byteLength(JSON.stringify(item));
    if (bytes > listBytes) break;
    held.push(item);
  }
  const more = items.length - held.length;
  return { [name]: held, ...(more > 0 && { more }) } as { [Key in Name]: Item[] } & { more?: number };
}
