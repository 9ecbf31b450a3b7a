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
import { earlierArrival } from './track-marks.js';

/** What a word says beyond who says it, when and why. */
export type Said<Verb extends WordVerb = WordVerb> = Verb extends WordVerb
  ? Omit<Extract<OperatorWord, { verb: Verb }>, 'track' | 'by' | 'message' | 'at'>
  : never;

/** A word about a Ticket on its way, checked against the present state. */
export const ticketWords = {
  approve(found: FoundTicket, request: ApiRequest<'approve'>, by: string): Said | Refusal {
    const { track, ticket } = found;
    const name = request.station ?? nextStation(track, ticket)?.name;
    if (name === undefined) return refuse('AlreadyArrived', `Ticket ${ticket.id} has no Station left to enter`);
    const station = aheadOf(track, ticket, name);
    if (isRefusal(station)) return station;
    const { approval } = station.gates;
    if (!approval) return refuse('NoApprovalGate', `Station ${name} of Track ${track.name} needs no approval`);
    if (approval.by && !approval.by.includes(by)) {
      return refuse('NotAnApprover', `${by} cannot approve ${name}: ${approval.by.join(', ')} can`);
    }
    return { verb: 'approve', ticket: ticket.id, station: name };
  },

  cancel: ({ ticket }: FoundTicket): Said | Refusal => ({ verb: 'cancel', ticket: ticket.id }),

  express({ track, ticket }: FoundTicket, { station: name }: ApiRequest<'express'>): Said | Refusal {
    const station = name === undefined ? undefined : aheadOf(track, ticket, name);
    if (isRefusal(station)) return station;
    return { verb: 'express', ticket: ticket.id, ...(name !== undefined && { station: name }) };
  },

  check({ track, ticket }: FoundTicket, { station: at, name, outcome }: ApiRequest<'check'>): Said | Refusal {
    const station = aheadOf(track, ticket, at);
    if (isRefusal(station)) return station;
    const known = station.gates.checks.map((check) => check.name);
    if (!known.includes(name)) {
      const list = known.length > 0 ? `it has ${known.join(', ')}` : 'it has none';
      return refuse('CheckUnknown', `Station ${at} of Track ${track.name} has no check "${name}"; ${list}`);
    }
    return { verb: 'check', ticket: ticket.id, station: at, name, outcome };
  },
} as const;

/** Whether the Ticket is on its way, so that a word can change what happens to it. */
export function onItsWay({ ticket }: FoundTicket): Refusal | undefined {
  return isOver(ticket.state)
    ? refuse('TicketOver', `Ticket ${ticket.id} has ended: it is ${where(ticket)}`)
    : undefined;
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
  const image = earlierArrival(state, name);
  if (!image) {
    return refuse('NeverArrived', `nothing arrived at ${name} of Track ${track.name} before what is there now`);
  }
  const attempt = await tickets.nextAttempt(track, image);
  return isRefusal(attempt) ? attempt : { verb: 'rollback', station: name, image, attempt };
}

/** A pause or its end: of the whole Track, or of one Station. */
export function pauseOrResume(verb: 'pause' | 'resume', track: Track, name: string | undefined): Said | Refusal {
  const station = name === undefined ? undefined : stationOf(track, name);
  if (isRefusal(station)) return station;
  return { verb, ...(name !== undefined && { station: name }) };
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
