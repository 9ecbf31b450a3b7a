import { mostNamed, type NotSubscribed, type Opening } from './open-tickets.js';
import type { Outcome } from './outcome.js';
import type { Contradicted, Unverifiable } from './registry/verify.js';
import type { Judged } from './repeat.js';
import type { Delivery, Ignored, Sender } from './senders/sender.js';

/** The answer to a request, and what may be logged about it. */
export interface Answer {
  readonly outcome: Outcome;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** Present once the request is authenticated. */
  readonly sender?: string;
  /** The pattern of the path, without the secret. Present once it reveals nothing. */
  readonly route?: string;
  readonly fields?: object;
}

/** An answer without its recipient. */
export type Outlined = Omit<Answer, 'sender' | 'route'>;

/** The answer and the log have the same message. */
export function refused(outcome: Outcome, message: string): Outlined {
  return { outcome, body: { error: message }, fields: { message } };
}

/** The log fields that say how many Tickets there are, with the ids of the first ones. */
export function ticketFields(openings: readonly Pick<Opening, 'named'>[]): object {
  if (openings.length === 0) return {};
  const ids = openings.slice(0, mostNamed).map(({ named }) => named.ticket);
  return { ticketid: ids.join(' '), tickets: openings.length };
}

/** Names the first Tickets, each with the Ticket that it repeats, and counts the rest. */
export function answerTickets(judged: readonly Judged[]): Outlined {
  const named = judged.map(({ named, repeat }) => (repeat ? { ...named, repeats: repeat } : named));
  const isRepeat = named.every((each) => 'repeats' in each);
  const tickets = named.slice(0, mostNamed);
  const more = named.length - tickets.length;
  return { outcome: isRepeat ? 'repeated' : 'opened', body: { tickets, ...(more > 0 && { more }) } };
}

export function answerNotSubscribed({ reason, message, tracks }: NotSubscribed): Outlined {
  const why = { reason, message };
  // Only the log names the Tracks: they do not concern the sender.
  return { outcome: 'notSubscribed', body: { tickets: [], ...why }, fields: { ...why, tracks } };
}

export function answerIgnored({ ignored: message, answer }: Ignored): Outlined {
  return { outcome: 'ignored', body: answer ?? { tickets: [], message }, fields: { message } };
}

/** The answer and the log name what could not be understood beside the pushes. */
export function withFaults(answer: Outlined, { faults }: Delivery): Outlined {
  return faults ? { ...answer, body: { ...answer.body, faults }, fields: { ...answer.fields, faults } } : answer;
}

/**
 * A sender whose queue stops at a refusal is answered as if its webhook announced nothing: otherwise one deleted tag would
 * stop all pushes behind it.
 */
export function answerContradicted(
  { contradicted: reason, message }: Contradicted,
  { stopsWhenRefused }: Sender,
): Outlined {
  if (stopsWhenRefused) return answerIgnored({ ignored: message, answer: { tickets: [], reason, message } });
  return { outcome: 'contradicted', body: { error: message, reason }, fields: { reason, message } };
}

export function answerUnverifiable({ unverifiable: { reason, message } }: Unverifiable): Outlined {
  const body = { error: 'the registry cannot be asked now; post it again', reason };
  return { outcome: 'registryUnavailable', body, headers: { 'Retry-After': '5' }, fields: { reason, message } };
}

export function tooMany(seconds: number): Outlined {
  const error = refused('tooMany', 'the sender posts too many webhooks; post it again later');
  return { ...error, headers: { 'Retry-After': String(seconds) } };
}
