import {
  type ApiRequest,
  digest,
  isOver,
  type OperatorWord,
  type Ticket,
  tag,
  tryParseImage,
  type WordVerb,
} from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';
import { imagesOf, isJunction, type Track, whyNot } from '@k8sta/tracks';
import { z } from 'zod';
import type { TrackState } from '../ride/state.js';
import { aheadOf, nextStation, restartStation, stationOf, where } from './place.js';
import { isRefusal, type Refusal, refuse } from './refusal.js';
import type { FoundTicket, Tickets } from './tickets.js';
import { earlierArrival, heldByPerson, pausedPlaces, pauseOf } from './track-marks.js';

/** What a word says beyond who says it, when and why. */
export type Said<Verb extends WordVerb = WordVerb> = Verb extends WordVerb
  ? Omit<Extract<OperatorWord, { verb: Verb }>, 'track' | 'by' | 'message' | 'at'>
  : never;

/** A word about a Ticket on its way, checked against the present state: what would change nothing is refused. */
export const ticketWords = {
  approve(found: FoundTicket, request: ApiRequest<'approve'>, by: string): Said | Refusal {
    const { track, ticket, state } = found;
    const name = request.station ?? nextStation(track, ticket)?.name;
    if (name === undefined) return noneLeft(found);
    const station = aheadOf(track, ticket, name);
    if (isRefusal(station)) return station;
    const { approval } = station.gates;
    if (!approval) return refuse('NoApprovalGate', `Station ${name} of Track ${track.name} needs no approval`);
    if (approval.byMerge) {
      const message = `the merge of its pull request is the approval for Station ${name} of Track ${track.name}`;
      return refuse('NoApprovalGate', message);
    }
    if (approval.by && !approval.by.includes(by)) {
      return refuse('NotAnApprover', `${by} cannot approve ${name}: ${approval.by.join(', ')} can`);
    }
    if (state.tickets[ticket.id]?.approvals?.[name]?.includes(by)) {
      return refuse('AlreadyApproved', `${by} has approved Ticket ${ticket.id} for ${name} already`);
    }
    return { verb: 'approve', ticket: ticket.id, station: name };
  },

  cancel: ({ ticket }: FoundTicket): Said | Refusal => ({ verb: 'cancel', ticket: ticket.id }),

  express(found: FoundTicket, { station: name }: ApiRequest<'express'>): Said | Refusal {
    const { track, ticket } = found;
    if (nextStation(track, ticket) === undefined) return noneLeft(found);
    const station = name === undefined ? undefined : aheadOf(track, ticket, name);
    if (isRefusal(station)) return station;
    return { verb: 'express', ticket: ticket.id, ...(name !== undefined && { station: name }) };
  },

  check(
    found: FoundTicket,
    { station: at, name, outcome }: ApiRequest<'check'>,
    _by: string,
    now: Date,
  ): Said | Refusal {
    const { track, ticket, state } = found;
    const station = aheadOf(track, ticket, at);
    if (isRefusal(station)) return station;
    const check = station.gates.checks.find((each) => each.name === name);
    if (!check) {
      const known = station.gates.checks.map((each) => each.name).join(', ');
      const list = known ? `it has ${known}` : 'it has none';
      return refuse('CheckUnknown', `Station ${at} of Track ${track.name} has no check "${name}"; ${list}`);
    }
    const requested = state.tickets[ticket.id]?.checks?.[`${at}/${name}`];
    if (!requested) {
      const why = `it is requested once the Ticket has arrived at ${check.of}; it is ${where(ticket)}`;
      return refuse('CheckNotRequested', `the check ${name} of Ticket ${ticket.id} is not requested yet: ${why}`);
    }
    if (requested.outcome === undefined && now.toISOString() > requested.until) {
      return refuse(
        'CheckTooLate',
        `the check ${name} of Ticket ${ticket.id} could be reported until ${requested.until}`,
      );
    }
    return { verb: 'check', ticket: ticket.id, station: at, name, outcome };
  },
} as const;

/** Whether the Ticket is on its way, so that a word can change what happens to it. */
export function onItsWay({ ticket, state }: FoundTicket): Refusal | undefined {
  const { id, state: now } = ticket;
  if (isOver(now)) return refuse('TicketOver', `Ticket ${id} has ended: it is ${where(ticket)}`);
  const ending = state.tickets[id]?.ending;
  if (now.is === 'rollingBack') return refuse('TicketEnding', `${now.station} goes back to ${now.to}: ${now.message}`);
  if (!ending || ending.is === 'paused') return undefined;
  return refuse('TicketEnding', `Ticket ${id} is about to be ${ending.is}: ${ending.message}`);
}

function noneLeft({ ticket }: FoundTicket): Refusal {
  return refuse('AlreadyArrived', `Ticket ${ticket.id} has no Station left to enter: it is ${where(ticket)}`);
}

/** The next attempt of a Ticket that has ended. */
export async function retry(
  { track, ticket }: FoundTicket,
  request: ApiRequest<'retry'>,
  tickets: Pick<Tickets, 'nextAttempt'>,
): Promise<Said | Refusal> {
  const { id, image, state } = ticket;
  if (!isOver(state)) return refuse('TicketNotOver', `Ticket ${id} has not ended: it is ${where(ticket)}`);
  if (state.is === 'completed') return refuse('TicketCompleted', `Ticket ${id} has arrived at the last Station`);
  const start = startAt(track, image.repository, request.station ?? restartStation(track, ticket));
  if (isRefusal(start)) return start;
  const attempt = await tickets.nextAttempt(track, image);
  return isRefusal(attempt) ? attempt : { verb: 'retry', ticket: id, image: bare(image), attempt, station: start };
}

/** An image with its tag, as an operator names it. */
const namedImage = z.object({ repository: z.string(), tag, digest: digest.optional() });

/** A Ticket for an image that an operator names. */
export async function promote(
  track: Track,
  request: ApiRequest<'promote'>,
  tickets: Pick<Tickets, 'nextAttempt'>,
): Promise<Said | Refusal> {
  const { success, data: image } = namedImage.safeParse(tryParseImage(request.image));
  if (!success) {
    return refuse('ImageInvalid', `"${sanitizeLine(request.image)}" is not an image with its tag: repository:tag`);
  }
  const { repository, tag } = image;
  const station = startAt(track, repository, request.station);
  if (isRefusal(station)) return station;
  const refusal = request.force === true ? undefined : whyNot(track, repository, tag);
  if (refusal !== undefined) return refuse('TagNotSubscribed', `${refusal}; with force it rides all the same`);
  const attempt = await tickets.nextAttempt(track, image);
  if (isRefusal(attempt)) return attempt;
  return { verb: 'promote', image: bare(image), attempt, ...(station !== undefined && { station }) };
}

/** A Station goes back to what arrived there before. */
export async function rollback(
  track: Track,
  state: TrackState,
  name: string,
  tickets: Pick<Tickets, 'nextAttempt'>,
): Promise<Said | Refusal> {
  const station = stationOf(track, name);
  if (isRefusal(station)) return station;
  if (isJunction(station)) return refuse('JunctionStation', `${name} is a junction to ${station.tracks.join(', ')}`);
  const running = Object.values(state.tickets).find(({ ticket, lastStop }) => {
    return lastStop === name || (ticket.state.is === 'rollingBack' && ticket.state.station === name);
  });
  if (running) {
    return refuse(
      'RollbackRunning',
      `Ticket ${running.ticket.id} takes ${name} back already: it is ${where(running.ticket)}`,
    );
  }
  const image = earlierArrival(state, name);
  if (!image) {
    return refuse('NeverArrived', `nothing arrived at ${name} of Track ${track.name} before what is there now`);
  }
  const attempt = await tickets.nextAttempt(track, image);
  return isRefusal(attempt) ? attempt : { verb: 'rollback', station: name, image, attempt };
}

/** A pause of the whole Track, or of one Station. */
export function pause(track: Track, name: string | undefined): Said | Refusal {
  const station = name === undefined ? undefined : stationOf(track, name);
  return isRefusal(station) ? station : { verb: 'pause', ...(name !== undefined && { station: name }) };
}

/** The end of a pause, or of the hold of a person. `lastPause`: the newest pause of the Track that the bus has stored. */
export function resume(track: Track, state: TrackState, name: string | undefined, lastPause: number): Said | Refusal {
  const station = name === undefined ? undefined : stationOf(track, name);
  if (isRefusal(station)) return station;
  const held = heldByPerson(track, state).filter((each) => name === undefined || each === name);
  const isTaken = Object.values(state.pauses).some(({ sequence }) => sequence >= lastPause);
  if (pauseOf(state, name) || held.length > 0 || (lastPause > 0 && !isTaken)) {
    return { verb: 'resume', ...(name !== undefined && { station: name }) };
  }
  const paused = pausedPlaces(track, state);
  const others = paused.length > 0 ? `; there is a pause of ${paused.join(', ')}` : '';
  return refuse(
    'NotPaused',
    `${name === undefined ? `Track ${track.name}` : `${track.name}/${name}`} is not paused${others}`,
  );
}

/** Where a new Ticket starts, on a Track that subscribes to its repository. No word waives that. */
function startAt<Name extends string | undefined>(track: Track, repository: string, name: Name): Name | Refusal {
  if (!imagesOf(track).some((image) => image.repository === repository)) {
    const known = imagesOf(track)
      .map((image) => image.repository)
      .join(', ');
    return refuse('NotSubscribed', `Track ${track.name} does not subscribe to ${repository}, but to ${known}`);
  }
  const station = name === undefined ? undefined : stationOf(track, name);
  return isRefusal(station) ? station : name;
}

function bare({ repository, tag, digest }: Ticket['image']): Ticket['image'] {
  return { repository, tag, ...(digest !== undefined && { digest }) };
}
