import type { IncomingMessage } from 'node:http';
import type { Bus } from '@k8sta/bus';
import { oneLine } from '@k8sta/contracts';
import type { Track } from '@k8sta/tracks';
import getRawBody from 'raw-body';
import { consequenceOf, NotStored, store } from './handle.js';
import type { Outcome } from './outcome.js';
import type { Secrets } from './secrets.js';
import type { Sender } from './senders/sender.js';
import { traceOf } from './trace.js';

/** An address that webhooks are posted to: `/webhooks/<sender>/<secret>`. */
export interface Route {
  readonly sender: Sender;
  readonly secrets: Secrets;
}

export interface AnswerOptions {
  readonly routes: readonly Route[];
  readonly tracks: readonly Track[];
  readonly bus: Pick<Bus, 'publish'>;
  readonly now: () => Date;
  /** The largest body, in bytes, as it came and as it is stored. */
  readonly bodyLimit: number;
  /** How long JetStream may take, in milliseconds. */
  readonly storeWithinMs: number;
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

/** Authenticates, then reads, then understands, then stores, and only then says so. */
export async function answerTo(request: IncomingMessage, options: AnswerOptions): Promise<Answer> {
  const receivedAt = options.now();
  const sender = await authenticate(request.url ?? '', options.routes);
  if (!sender) return { outcome: 'notFound', body: { error: 'not found' } };
  const known = { sender: sender.name };
  if (request.method !== 'POST') {
    return { ...known, outcome: 'wrongMethod', body: { error: 'webhooks are POSTed' }, headers: { Allow: 'POST' } };
  }
  const bytes = await readBody(request, options.bodyLimit);
  if ('outcome' in bytes) return { ...known, ...bytes };
  const delivery = sender.read(request.headers, bytes, receivedAt);
  if ('refusal' in delivery) return { ...known, ...refused(delivery.refusal, delivery.message) };
  // Written as a string within JSON it may be longer than it came, and then NATS would never take it.
  const storedBytes = Buffer.byteLength(JSON.stringify(delivery.body));
  if (storedBytes > options.bodyLimit) return { ...known, ...tooLarge(options.bodyLimit) };

  const traceparent = traceOf(request.headers['traceparent']);
  const receipt = { sender: sender.name, receivedAt, traceparent };
  const consequence = consequenceOf(delivery, options.tracks, receipt);
  const { tickets, reasons } = consequence;
  const ticketid = tickets.map(({ ticket }) => ticket).join(' ');
  const fields = { delivery: delivery.id, traceparent, ...(ticketid && { ticketid }) };
  try {
    await store(options.bus, consequence, options.storeWithinMs);
  } catch (error) {
    if (!(error instanceof NotStored)) throw error;
    const body = { error: 'the webhook could not be stored; post it again' };
    const headers = { 'Retry-After': '5' };
    return { ...known, outcome: 'notStored', body, headers, fields: { ...fields, reason: oneLine(error.message) } };
  }
  if (tickets.length > 0) return { ...known, outcome: 'opened', body: { tickets }, fields };
  return { ...known, outcome: 'notSubscribed', body: { tickets, reasons }, fields: { ...fields, reasons } };
}

/** The sender whose secret the path ends with. Nothing tells a wrong secret from a wrong path. */
async function authenticate(url: string, routes: readonly Route[]): Promise<Sender | undefined> {
  // Not by URL: it throws on request targets that are none, and normalises what must be compared as it was sent.
  const [path = ''] = url.split('?');
  const [, name, secret = ''] = /^\/webhooks\/([a-z0-9-]+)\/([^/]+)$/.exec(path) ?? [];
  const route = routes.find(({ sender }) => sender.name === name);
  return (await route?.secrets.accept(secret)) ? route?.sender : undefined;
}

type Unread = Pick<Answer, 'outcome' | 'body' | 'fields'>;

/** The sender is told what whoever looks after this service finds in its log. */
function refused(outcome: Outcome, reason: string): Unread {
  return { outcome, body: { error: reason }, fields: { reason } };
}

function tooLarge(limit: number): Unread {
  return refused('tooLarge', `the body is larger than ${limit} bytes (K8STA_BODY_LIMIT)`);
}

async function readBody(request: IncomingMessage, limit: number): Promise<Buffer | Unread> {
  try {
    return await getRawBody(request, { limit, length: request.headers['content-length'] ?? null });
  } catch (error) {
    const { type } = error as getRawBody.RawBodyError;
    if (type === 'entity.too.large') return tooLarge(limit);
    // A connection that breaks is told either by raw-body or by the stream itself, whichever notices first.
    if (type === 'request.aborted' || type === 'request.size.invalid' || request.errored) {
      return refused('aborted', 'the body ended early');
    }
    throw error;
  }
}
