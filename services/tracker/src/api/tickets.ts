import type { Bus } from '@k8sta/bus';
import { isOver, stateKey, type Ticket, ticketId, ticketSchema } from '@k8sta/contracts';
import type { Track } from '@k8sta/tracks';
import { atOnce } from '../at-once.js';
import type { Engine } from '../engine.js';
import type { TrackState } from '../ride/state.js';
import type { EndedTicket, TrackStore } from '../store/track-store.js';
import { type Refusal, refuse } from './refusal.js';

/** A Ticket where it is now. */
export interface FoundTicket {
  readonly track: Track;
  readonly state: TrackState;
  readonly ticket: Ticket;
}

/** Finds Tickets: those on their way in the Tracks' states, those that have ended in the state bucket. */
export interface Tickets {
  /** The Ticket with this id, or the only one whose id begins so. */
  find(prefix: string, trackName?: string): Promise<FoundTicket | Refusal>;
  /** The Ticket on this Track; undefined if it does not exist or is forgotten. */
  get(track: Track, id: string): Promise<Ticket | undefined>;
  /** The Tickets of these Tracks that ended last, at most so many. */
  ended(tracks: readonly Track[], limit: number): Promise<Ticket[]>;
  /** The Track of this name. */
  track(name: string): Track | Refusal;
  /** The attempt that a new Ticket of this image is. Refuses while a Ticket of the image is on its way. */
  nextAttempt(track: Track, image: Ticket['image']): Promise<number | Refusal>;
}

export interface TicketsOptions {
  readonly engine: Pick<Engine, 'tracks' | 'state'>;
  readonly store: Pick<TrackStore, 'endedTickets'>;
  readonly bucket: Pick<Bus['state'], 'get'>;
}

/** An id has so many characters; a shorter one is the beginning of an id. */
const idLength = 16;

/** How many Tracks are read at a time. */
const parallel = 32;

/** How many of several candidates a message lists. */
const listed = 5;

/** More attempts than a person makes, as for webhooks. */
const mostAttempts = 50;

export function ticketsOf({ engine, store, bucket }: TicketsOptions): Tickets {
  const get = async (track: Track, id: string): Promise<Ticket | undefined> => {
    const live = (await engine.state(track)).tickets[id];
    return live?.ticket ?? stored(track, id);
  };
  const stored = async (track: Track, id: string): Promise<Ticket | undefined> => {
    const entry = await bucket.get(stateKey.ticket(track.name, id));
    return entry && ticketSchema.parse(JSON.parse(entry.value));
  };
  const idsOf = async (track: Track, prefix: string): Promise<string[]> => {
    if (prefix.length >= idLength) return [prefix];
    const { tickets } = await engine.state(track);
    const ended = await store.endedTickets(track.name);
    const ids = [...Object.keys(tickets), ...ended.map(({ id }) => id)];
    return [...new Set(ids.filter((id) => id.startsWith(prefix)))];
  };
  const track = (name: string): Track | Refusal =>
    engine.tracks.find((each) => each.name === name) ??
    refuse('TrackUnknown', `the tracks files of the tracker hold no Track "${name}"`);

  const nextAttempt = async (track: Track, image: Ticket['image']): Promise<number | Refusal> => {
    const { tickets } = await engine.state(track);
    const same = Object.values(tickets).find(({ ticket }) => !isOver(ticket.state) && mayBeSame(ticket.image, image));
    if (same) return underway(same.ticket);
    for (let attempt = 1; attempt <= mostAttempts; attempt++) {
      if (!(await get(track, ticketId(track.name, image, attempt)))) return attempt;
    }
    return refuse(
      'AttemptsExhausted',
      `${image.repository}:${image.tag} has had ${mostAttempts} attempts on Track ${track.name}`,
    );
  };

  return {
    track,
    get,
    nextAttempt,
    async find(prefix, trackName) {
      const named = trackName === undefined ? undefined : track(trackName);
      if (named && 'ok' in named) return named;
      const found: { track: Track; ticket: Ticket }[] = [];
      for (const each of named ? [named] : engine.tracks) {
        for (const id of await idsOf(each, prefix)) {
          const ticket = await get(each, id);
          if (ticket) found.push({ track: each, ticket });
          if (found.length > listed) break;
        }
      }
      const [one, ...others] = found;
      if (!one) return refuse('TicketUnknown', `there is no Ticket "${prefix}"${trackName ? ` on ${trackName}` : ''}`);
      if (others.length > 0) {
        const names = found.slice(0, listed).map(({ ticket }) => `${ticket.id} (${ticket.track})`);
        const more = found.length > listed ? ', ...' : '';
        return refuse('TicketAmbiguous', `several Tickets begin with "${prefix}": ${names.join(', ')}${more}`);
      }
      return { ...one, state: await engine.state(one.track) };
    },
    async ended(tracks, limit) {
      const last: (EndedTicket & { track: Track })[] = [];
      await atOnce(parallel, tracks, async (each) => {
        const ended = await store.endedTickets(each.name, limit);
        last.push(...ended.map((ticket) => ({ ...ticket, track: each })));
      });
      const newest = last.sort((a, b) => b.endedAt - a.endedAt).slice(0, limit);
      const found = await Promise.all(newest.map(({ track, id }) => stored(track, id)));
      return found.filter((ticket) => ticket !== undefined);
    },
  };
}

function underway({ id, state }: Ticket): Refusal {
  return refuse('TicketNotOver', `Ticket ${id} has this image and is ${state.is}`);
}

/** Whether both can be the same image: a digest that only one of them names distinguishes nothing. */
export function mayBeSame(one: Ticket['image'], other: Ticket['image']): boolean {
  if (one.repository !== other.repository || one.tag !== other.tag) return false;
  return one.digest === undefined || other.digest === undefined || one.digest === other.digest;
}
