import type { IncomingMessage } from 'node:http';
import type { Tracing } from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';
import type { Track } from '@k8sta/tracks';
import {
  type Answer,
  answerContradicted,
  answerIgnored,
  answerNotSubscribed,
  answerTickets,
  answerUnverifiable,
  refused,
  ticketFields,
  tooMany,
  withFaults,
} from './answer.js';
import { type Authenticated, type AuthenticateOptions, authenticate } from './authenticate.js';
import { type Continue, tooLarge } from './body.js';
import { type Opening, openTickets } from './open-tickets.js';
import { outcomes } from './outcome.js';
import type { RateLimit } from './rate-limit.js';
import type { Verifier } from './registry/verify.js';
import { type Judged, withStored } from './repeat.js';
import type { Delivery, Registries, Sender } from './senders/sender.js';
import { NotStored, type Storage } from './storage.js';
import { traceFrom, traceOf } from './trace.js';
import { turn } from './turn.js';

export interface ReceiveOptions extends AuthenticateOptions {
  readonly tracks: readonly Track[];
  readonly storage: Pick<Storage, 'store'>;
  /** Distinguishes repeats from new pushes, as far as that is possible within so many milliseconds. */
  readonly judge: (openings: readonly Opening[], withinMs: number) => Promise<Judged[]>;
  readonly now: () => Date;
  /** Default: none. */
  readonly rateLimit?: RateLimit;
  readonly registries?: Registries;
  /** Default: every sender is believed. */
  readonly verifier?: Pick<Verifier, 'verify'>;
  /** Default: nothing is traced. */
  readonly tracing?: Tracing | undefined;
}

/** The sender waits for an answer, and opening a Ticket a second time does no harm. */
const judgeWithinMs = 500;

/**
 * Receives one webhook: bounds it, authenticates its sender, reads it, stores what follows from it, and answers only after
 * that. Nothing of the body is interpreted before the sender is authenticated.
 */
export async function receive(
  request: IncomingMessage,
  options: ReceiveOptions,
  sendContinue: Continue = () => {},
): Promise<Answer> {
  const receivedAt = options.now();
  if (request.headers.host === undefined && request.httpVersion === '1.1') {
    return { outcome: 'malformed', body: { error: 'the header Host is missing' } };
  }
  const authenticated = await authenticate(request, options, sendContinue);
  if ('outcome' in authenticated) return authenticated;
  const { tracing } = options;
  const header = request.headers['traceparent'];
  if (!tracing) return receiveFrom(authenticated, request, options, { receivedAt, traceparent: traceOf(header) });
  // Nobody but an authenticated sender can start a trace, or join one. The path may hold the secret, so no span names it.
  const { name } = authenticated.sender;
  const attributes = { 'http.request.method': request.method, 'k8sta.sender': name };
  const start = { name: `webhook ${name}`, kind: 'server', isRoot: true, startedAt: receivedAt, attributes } as const;
  return tracing.span({ ...start, parent: traceFrom(header) }, async (span) => {
    const traceparent = span?.traceparent ?? traceOf(header);
    const answer = await receiveFrom(authenticated, request, options, { receivedAt, traceparent });
    const { status } = outcomes[answer.outcome];
    span?.set({ 'http.response.status_code': status, 'k8sta.outcome': answer.outcome });
    if (status >= 500) span?.failed(answer.outcome);
    return answer;
  });
}

/** A webhook whose sender is authenticated. */
async function receiveFrom(
  authenticated: Authenticated,
  request: IncomingMessage,
  options: ReceiveOptions,
  { receivedAt, traceparent }: Pick<Receipt, 'receivedAt' | 'traceparent'>,
): Promise<Answer> {
  const { sender, route, provenBy } = authenticated;
  const known = { sender: sender.name, route };
  if (request.method !== 'POST') {
    return { ...known, outcome: 'wrongMethod', body: { error: 'webhooks are POSTed' }, headers: { Allow: 'POST' } };
  }
  const seconds = options.rateLimit?.take(sender.name, receivedAt) ?? 0;
  if (seconds > 0) return { ...known, ...tooMany(seconds) };
  const bytes = await authenticated.readBody();
  if ('outcome' in bytes) return { ...known, ...bytes };
  const delivery = sender.read(request.headers, bytes, receivedAt, options.registries);
  if ('refusal' in delivery) return { ...known, ...refused(delivery.refusal, delivery.message) };
  if ('ignored' in delivery) return { ...known, ...answerIgnored(delivery) };
  if (!fits(delivery, options.bodyLimit)) return { ...known, ...tooLarge(options.bodyLimit) };
  const verified = (await options.verifier?.verify(sender.name, delivery)) ?? delivery;
  if ('contradicted' in verified) return { ...known, ...answerContradicted(verified, sender) };
  if ('unverifiable' in verified) return { ...known, ...answerUnverifiable(verified) };
  return { ...known, ...(await store(verified, options, { sender, provenBy, receivedAt, traceparent })) };
}

/** As a JSON string, the body may be longer than before, and with what was read of it too large for NATS. */
function fits({ body, pushes }: Delivery, limit: number): boolean {
  // No unit of UTF-16 has more than the six bytes of an escape such as "\\u0001", and no push more than a kilobyte.
  if (body.length * 6 + pushes.length * 1_024 <= limit) return true;
  return Buffer.byteLength(JSON.stringify(body)) + Buffer.byteLength(JSON.stringify(pushes)) <= limit;
}

interface Receipt {
  readonly sender: Sender;
  readonly provenBy: string;
  readonly receivedAt: Date;
  readonly traceparent: string;
}

/** Stores the delivery and its new Tickets, and answers with them. */
async function store(delivery: Delivery, options: ReceiveOptions, receipt: Receipt): Promise<Answer> {
  const { traceparent, provenBy } = receipt;
  const consequence = openTickets(delivery, options.tracks, { ...receipt, sender: receipt.sender.name });
  const { received, openings, notSubscribed } = consequence;
  await turn();
  const judged = await options.judge(openings, judgeWithinMs);
  const fields = { delivery: delivery.id, provenBy, traceparent, ...ticketFields(judged) };
  const opened = judged.filter(({ repeat }) => !repeat).map(({ event }) => event);
  try {
    const stored = withStored(judged, await options.storage.store(received, opened));
    const told = notSubscribed ? answerNotSubscribed(notSubscribed) : answerTickets(stored);
    const answer = withFaults(told, delivery);
    return { ...answer, fields: { ...fields, ...ticketFields(stored), ...answer.fields } };
  } catch (error) {
    if (!(error instanceof NotStored)) throw error;
    const body = { error: 'the webhook could not be stored; post it again' };
    const headers = { 'Retry-After': '5' };
    return { outcome: 'notStored', body, headers, fields: { ...fields, message: sanitizeLine(error.message) } };
  }
}
