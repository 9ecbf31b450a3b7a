import { operatorWord, ticketId } from '@k8sta/contracts';
import { unreachable } from '@k8sta/text';
import type { Track } from '@k8sta/tracks';
import type { InputOf, TrackEvent } from './event.js';
import { isExpress } from './express.js';
import { newTicket } from './open.js';
import { withdraw } from './proposals.js';
import { changeByPerson } from './standing.js';
import type { LiveTicket, TrackState } from './state.js';

type WordOf<Verb> = Extract<ReturnType<typeof operatorWord.parse>, { verb: Verb }>;

/**
 * What an operator's word changes; nothing if it no longer applies, or was applied before: every message may be
 * redelivered at any later time. The API has refused what makes no sense before the word was stored.
 */
export function takeWord(track: Track, state: TrackState, input: InputOf<'word'>, now: Date): TrackEvent[] {
  const word = operatorWord.safeParse(input.data).data;
  if (!word) return [];
  const at = now.toISOString();
  switch (word.verb) {
    case 'approve': {
      const { ticket, station, by } = word;
      const given = state.tickets[ticket]?.approvals?.[station] ?? [];
      return state.tickets[ticket] && !given.includes(by) ? [{ type: 'approved', ticket, station, by }] : [];
    }
    case 'cancel':
      return cancel(state.tickets[word.ticket], word, at);
    case 'express': {
      const { ticket, by, message = '', station } = word;
      const live = state.tickets[ticket];
      if (!live || isOld(live.express?.said, input)) return [];
      return [
        { type: 'expressed', ticket, by, message, ...(station !== undefined && { until: station }), said: said(input) },
      ];
    }
    case 'check':
      return report(state, word, input);
    case 'pause':
    case 'resume':
      return pauseOrResume(track, state, word, input, at);
    case 'promote':
    case 'retry':
      return openByWord(track, state, word, input, now);
    case 'rollback':
      return rollBack(track, state, word, input, now);
    default:
      return unreachable('word', word);
  }
}

/** What it has committed is judged first, so that the block is not given back over a commit that nobody watches. */
function cancel(live: LiveTicket | undefined, { by, message: why }: WordOf<'cancel'>, at: string): TrackEvent[] {
  if (!live || (live.ending && live.ending.is !== 'paused')) return [];
  const ticket = live.ticket.id;
  const { state } = live.ticket;
  const message = `${by} cancelled it${why ? `: ${why}` : ''}`;
  if (state.is === 'promoting' || state.is === 'syncing') {
    return withdraw(live, { is: 'cancelled', by, message }, at);
  }
  if (state.is !== 'waiting') return [];
  return [{ type: 'cancelled', ticket, ...(state.at && { station: state.at }), by, message, at }];
}

function report(
  { tickets }: TrackState,
  { ticket, station, name, outcome, by, message }: WordOf<'check'>,
  input: InputOf<'word'>,
): TrackEvent[] {
  const check = `${station}/${name}`;
  const known = tickets[ticket]?.checks?.[check];
  // What passed may fail when it is looked at again, and the other way round; the first report may come too late.
  if (!known || isOld(known.said, input) || (!known.outcome && input.receivedAt > known.until)) return [];
  const why = message === undefined ? {} : { message };
  return [{ type: 'checkReported', ticket, check, outcome, by, ...why, said: said(input) }];
}

/** When and where the stream stored the word. */
function said({ receivedAt: at, sequence }: InputOf<'word'>): { at: string; sequence: number } {
  return { at, sequence };
}

/** Whether the stream stored this word before the one that is known, or whether it is the same. */
function isOld(known: { at: string; sequence: number } | undefined, word: InputOf<'word'>): boolean {
  if (!known) return false;
  return known.at === word.receivedAt ? known.sequence >= word.sequence : known.at > word.receivedAt;
}

function pauseOrResume(
  track: Track,
  state: TrackState,
  { verb, station, by, message }: WordOf<'pause' | 'resume'>,
  input: InputOf<'word'>,
  at: string,
): TrackEvent[] {
  if (isOld(state.pauses[station ?? ''], input)) return [];
  const why = message === undefined ? {} : { message };
  const change = { station, by, ...why, ...said(input) };
  const stations = track.stations.filter(({ name }) => station === undefined || name === station);
  if (verb === 'resume') {
    const held = stations.filter(({ name }) =>
      Object.values(state.lanes).some(
        ({ standing: { [name]: there } }) => there && changeByPerson(there) !== undefined,
      ),
    );
    return [
      { type: 'resumed', ...change },
      ...held.map(({ name }) => ({ type: 'personAccepted', station: name, by, at }) as const),
    ];
  }
  const paused = {
    is: 'paused',
    message: `${by} paused ${station ?? track.name}${message ? `: ${message}` : ''}`,
  } as const;
  const requested = Object.values(state.tickets).filter((live) => {
    const { state: now } = live.ticket;
    if (now.is !== 'promoting' || live.ending || !stations.some(({ name }) => name === now.station)) return false;
    // What an operator lets pass would be requested again at once.
    return !isExpress(live, track, now.station);
  });
  return [{ type: 'paused', ...change }, ...requested.flatMap((live) => withdraw(live, paused, at))];
}

/** The id of the Ticket that this word opens; undefined if it opens none. */
export function opensTicket(track: string, { data }: InputOf<'word'>): string | undefined {
  const word = operatorWord.safeParse(data).data;
  return word && 'attempt' in word ? ticketId(track, word.image, word.attempt) : undefined;
}

function openByWord(
  track: Track,
  state: TrackState,
  { image, attempt, station, by }: WordOf<'promote' | 'retry' | 'rollback'>,
  input: InputOf<'word'>,
  now: Date,
): TrackEvent[] {
  const id = ticketId(track.name, image, attempt);
  if (state.tickets[id] || !track.stations.some(({ name }) => station === undefined || name === station)) return [];
  const { receivedAt: pushedAt } = input;
  const about = { id, image, sender: 'operator', pushedAt, attempt, by, start: station };
  return [{ type: 'opened', ticket: newTicket(track, input, now, about) }];
}

/** A Ticket of its own brings the earlier image there, past the gates; it displaces a Ticket that holds the Station. */
function rollBack(
  track: Track,
  state: TrackState,
  word: WordOf<'rollback'>,
  input: InputOf<'word'>,
  now: Date,
): TrackEvent[] {
  const { station, by, message: why = '' } = word;
  return openByWord(track, state, word, input, now).map((event) =>
    event.type === 'opened' ? { ...event, with: { lastStop: station, express: { by, message: why } } } : event,
  );
}
