import type { Ticket } from '@k8sta/contracts';
import type { Station, Track } from '@k8sta/tracks';
import type { InputOf, TrackEvent } from './event.js';
import { isLaterPush, laneOrderOf } from './lane.js';
import type { TrackState } from './state.js';

/** Opens the Ticket of a push, or of a junction; none if it is on the Track already. */
export function open(track: Track, state: TrackState, input: InputOf<'open'>, now: Date): TrackEvent[] {
  const { ticket: id, image, sender, pushedAt, attempt, parent } = input.data;
  if (state.tickets[id] || track.stations.length === 0) return [];
  const ticket = newTicket(track, input, now, { id, image, sender, pushedAt, attempt, parent });
  const opened: TrackEvent = { type: 'opened', ticket };
  const newest = state.lanes[image.repository]?.newest;
  // Where the version decides, it is compared when the Ticket would enter: the Station may have gone back since.
  if (track.order === 'semver' || !newest || !isLaterPush(newest, laneOrderOf(ticket))) return [opened];
  const message = `Ticket ${newest.ticket} has an image that was pushed later`;
  const at = now.toISOString();
  return [opened, { type: 'superseded', ticket: id, by: newest.ticket, reason: 'NewerTicket', message, at }];
}

/** A Ticket before its first Station, or before the one where an operator lets it start. */
export function newTicket(
  track: Track,
  { sequence, receivedAt, traceparent }: Pick<InputOf<'open' | 'word'>, 'sequence' | 'receivedAt' | 'traceparent'>,
  now: Date,
  about: Pick<Ticket, 'id' | 'image' | 'sender' | 'pushedAt'> & {
    attempt?: number | undefined;
    parent?: Ticket['parent'];
    by?: string;
    start?: string | undefined;
  },
): Ticket {
  const { id, image, sender, pushedAt, attempt, parent, by, start } = about;
  const [first] = track.stations as [Station, ...Station[]];
  const next = start ?? first.name;
  const at = now.toISOString();
  return {
    ...{ id, track: track.name, image, sender, pushedAt, sequence, receivedAt, openedAt: at },
    ...(traceparent !== undefined && { traceparent }),
    ...(attempt !== undefined && attempt > 1 && { attempt }),
    ...(parent && { parent }),
    ...(by !== undefined && { by }),
    state: { is: 'waiting', next, on: 'block', reason: 'Opened', message: `opened; next is ${next}`, since: at },
    stations: [],
  };
}
