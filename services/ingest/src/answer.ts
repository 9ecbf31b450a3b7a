import type { IncomingMessage } from 'node:http';
import { oneLine } from '@k8sta/contracts';
import type { Track } from '@k8sta/tracks';
import getRawBody from 'raw-body';
import { consequenceOf, mostNamed, type NotSubscribed, type Opening } from './handle.js';
import type { Outcome } from './outcome.js';
import { type Judged, justOpened, type Repeat } from './repeat.js';
import type { Secrets } from './secrets.js';
import type { Sender } from './senders/sender.js';
import { NotStored, type Storage } from './storage.js';
import { traceOf } from './trace.js';

/** An address that webhooks are posted to: `/webhooks/<sender>/<secret>`. */
export interface Route {
  readonly sender: Sender;
  readonly secrets: Pick<Secrets, 'accept'>;
}

export interface AnswerOptions {
  readonly routes: readonly Route[];
  readonly tracks: readonly Track[];
  readonly storage: Pick<Storage, 'store'>;
  /** Tells repeats from new pushes, as far as that is known within so many milliseconds. */
  readonly judge: (openings: readonly Opening[], withinMs: number) => Promise<Judged[]>;
  readonly now: () => Date;
  /** The largest body, in bytes, as it came and as it is stored. */
  readonly bodyLimit: number;
}

/** What a request is answered with, and what may be logged of it. */
export interface Answer {
  readonly outcome: Outcome;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** Known once the request is authenticated. */
  readonly sender?: string;
  readonly fields?: object;
}

/** Asks a client that waits for it (`Expect: 100-continue`) to send the body. */
export type Continue = () => void;

/** The sender waits for an answer; to open a Ticket that is there already does no harm. */
const judgeWithinMs = 500;

/** Authenticates, then reads, then understands, then stores, and only then says so. */
export async function answerTo(
  request: IncomingMessage,
  options: AnswerOptions,
  sendContinue: Continue = () => {},
): Promise<Answer> {
  const receivedAt = options.now();
  if (request.headers.host === undefined && request.httpVersion === '1.1') {
    return { outcome: 'malformed', body: { error: 'the header Host is missing' } };
  }
  const sender = await authenticate(request.url ?? '', options.routes);
  if (!sender) return { outcome: 'notFound', body: { error: 'not found' } };
  const known = { sender: sender.name };
  if (request.method !== 'POST') {
    return { ...known, outcome: 'wrongMethod', body: { error: 'webhooks are POSTed' }, headers: { Allow: 'POST' } };
  }
  const bytes = await readBody(request, options.bodyLimit, sendContinue);
  if ('outcome' in bytes) return { ...known, ...bytes };
  const delivery = sender.read(request.headers, bytes, receivedAt);
  if ('refusal' in delivery) return { ...known, ...refused(delivery.refusal, delivery.message) };
  // Written as a string within JSON it may be longer than it came, and then NATS would never take it.
  const storedBytes = Buffer.byteLength(JSON.stringify(delivery.body));
  if (storedBytes > options.bodyLimit) return { ...known, ...tooLarge(options.bodyLimit) };

  const traceparent = traceOf(request.headers['traceparent']);
  const receipt = { sender: sender.name, receivedAt, traceparent };
  const { received, openings, notSubscribed } = consequenceOf(delivery, options.tracks, receipt);
  const judged = await options.judge(openings, judgeWithinMs);
  const fields = { delivery: delivery.id, traceparent, ...ticketFields(openings) };
  const opened = judged.filter(({ repeat }) => !repeat).map(({ event }) => event);
  try {
    const repeated = await options.storage.store(received, opened);
    const answer = notSubscribed ? spellNotSubscribed(notSubscribed) : spellTickets(judged, repeated);
    return { ...known, ...answer, fields: { ...fields, ...answer.fields } };
  } catch (error) {
    if (!(error instanceof NotStored)) throw error;
    const body = { error: 'the webhook could not be stored; post it again' };
    const headers = { 'Retry-After': '5' };
    return { ...known, outcome: 'notStored', body, headers, fields: { ...fields, message: oneLine(error.message) } };
  }
}

type Spelled = Pick<Answer, 'outcome' | 'body' | 'fields'>;

/** How many Tickets there are, and the ids of the first ones. */
function ticketFields(openings: readonly Opening[]): object {
  if (openings.length === 0) return {};
  const ids = openings.slice(0, mostNamed).map(({ named }) => named.ticket);
  return { ticketid: ids.join(' '), tickets: openings.length };
}

function spellTickets(judged: readonly Judged[], repeated: ReadonlySet<string>): Spelled {
  const spelled = judged.map(({ named, event, repeat }) => {
    const known: Repeat | undefined = repeat ?? (repeated.has(event.id) ? justOpened : undefined);
    return known ? { ...named, repeats: known } : named;
  });
  const isRepeat = spelled.every((each) => 'repeats' in each);
  const tickets = spelled.slice(0, mostNamed);
  const more = spelled.length - tickets.length;
  return { outcome: isRepeat ? 'repeated' : 'opened', body: { tickets, ...(more > 0 && { more }) } };
}

function spellNotSubscribed({ reason, message, tracks }: NotSubscribed): Spelled {
  const said = { reason, message };
  // The Tracks are for the log: they do not concern the sender.
  return { outcome: 'notSubscribed', body: { tickets: [], ...said }, fields: { ...said, tracks } };
}

/** The sender whose secret the path ends with. Nothing tells a wrong secret from a wrong path. */
async function authenticate(url: string, routes: readonly Route[]): Promise<Sender | undefined> {
  // Not by URL: it throws on request targets that are none, and normalises what must be compared as it was sent.
  const [path = ''] = url.split('?');
  const [, name, secret = ''] = /^\/webhooks\/([a-z0-9-]+)\/([^/]+)$/.exec(path) ?? [];
  const route = routes.find(({ sender }) => sender.name === name);
  return (await route?.secrets.accept(secret)) ? route?.sender : undefined;
}

/** The answer and the log have the same words. */
function refused(outcome: Outcome, message: string): Spelled {
  return { outcome, body: { error: message }, fields: { message } };
}

function tooLarge(limit: number): Spelled {
  return refused('tooLarge', `the body is larger than ${limit} bytes (K8STA_BODY_LIMIT)`);
}

async function readBody(request: IncomingMessage, limit: number, sendContinue: Continue): Promise<Buffer | Spelled> {
  // A client that asks first is told before it sends anything.
  if (Number(request.headers['content-length'] ?? 0) > limit) return tooLarge(limit);
  sendContinue();
  try {
    return await getRawBody(request, { limit, length: request.headers['content-length'] ?? null });
  } catch (error) {
    const { type } = error as getRawBody.RawBodyError;
    if (type === 'entity.too.large') return tooLarge(limit);
    // Either raw-body or the stream itself reports a connection that breaks, depending on which notices first.
    if (type === 'request.aborted' || type === 'request.size.invalid' || request.errored) {
      return refused('aborted', 'the body ended early');
    }
    throw error;
  }
}
