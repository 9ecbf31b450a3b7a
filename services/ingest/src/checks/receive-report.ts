import type { IncomingMessage } from 'node:http';
import { type Bus, reasonOf } from '@k8sta/bus';
import type { Ticket } from '@k8sta/contracts';
import { withTimeout } from '@k8sta/runtime';
import type { Track } from '@k8sta/tracks';
import { type Answer, noHost, type Outlined, refused, tooMany, wrongMethod } from '../answer.js';
import { type AuthenticateOptions, authenticate } from '../authenticate.js';
import type { Continue } from '../body.js';
import type { RateLimit } from '../rate-limit.js';
import type { Prover } from '../senders/sender.js';
import { traceOf } from '../trace.js';
import { findCheck, judgeTicket, type Unwanted } from './judge-report.js';
import { notAllowed } from './limits.js';
import { type Report, readReport, speakerOf, wordOf } from './report.js';

/** Who may report checks, and where their reports go. */
export interface CheckReports extends Pick<AuthenticateOptions<Prover>, 'senders' | 'secrets'> {
  readonly bus: Pick<Bus, 'publish' | 'ticket'>;
}

export interface ReportOptions extends CheckReports, AuthenticateOptions<Prover> {
  readonly tracks: readonly Track[];
  readonly now: () => Date;
  /** Default: none. */
  readonly rateLimit?: RateLimit;
}

/** The sender waits for an answer, and may post again. */
const withinMs = 5_000;

/** A report is a few names and a sentence. */
const mostBytes = 16 * 1024;

/**
 * Receives the report of a check: bounds it, authenticates who posts it, checks it against the tracks files and the Ticket, and
 * answers only after JetStream has stored it.
 */
export async function receiveReport(
  request: IncomingMessage,
  options: ReportOptions,
  sendContinue: Continue = () => {},
): Promise<Answer> {
  const receivedAt = options.now();
  if (request.headers.host === undefined && request.httpVersion === '1.1') return noHost();
  const bodyLimit = Math.min(options.bodyLimit, mostBytes);
  const authenticated = await authenticate(request, { ...options, bodyLimit }, sendContinue, 'checks');
  if ('outcome' in authenticated) return authenticated;
  const { sender, route, provenBy, limits = {}, token } = authenticated;
  const known = { sender: `checks/${sender.name}`, route };
  if (request.method !== 'POST') return { ...known, ...wrongMethod('reports') };
  const seconds = options.rateLimit?.take(known.sender, receivedAt) ?? 0;
  if (seconds > 0) return { ...known, ...tooMany(seconds, 'reports') };
  const bytes = await authenticated.readBody();
  if ('outcome' in bytes) return { ...known, ...bytes };
  const report = readReport(request.headers, bytes);
  if ('refusal' in report) return { ...known, ...refused(report.refusal, report.message) };
  const by = speakerOf(provenBy, token);
  const traceparent = traceOf(request.headers['traceparent']);
  const forbidden = notAllowed(limits, report);
  const answer = forbidden
    ? refused('notAllowed', forbidden)
    : await handle(report, options, { by, receivedAt, traceparent });
  const { track, ticket, station, name, outcome: reported } = report;
  const fields = { provenBy, by, traceparent, ticketid: ticket, track, station, check: name, reported };
  return { ...known, ...answer, fields: { ...fields, ...answer.fields } };
}

interface Receipt {
  readonly by: string;
  readonly receivedAt: Date;
  readonly traceparent: string;
}

/** Stores the report if the Ticket waits for it. */
async function handle(report: Report, { tracks, bus }: ReportOptions, receipt: Receipt): Promise<Outlined> {
  const check = findCheck(tracks, report);
  if ('outcome' in check) return unwanted(check);
  let ticket: Ticket | undefined;
  try {
    ticket = await withTimeout(withinMs, bus.ticket(report.track, report.ticket));
  } catch (error) {
    return again('ticketUnavailable', 'the Ticket cannot be read now; post the report again', error);
  }
  const refusal = judgeTicket(check, report, ticket);
  if (refusal) return unwanted(refusal);
  try {
    const word = wordOf(report, receipt.by, receipt.receivedAt, receipt.traceparent);
    const { duplicate, sequence } = await withTimeout(withinMs, bus.publish(word));
    const { track, ticket: id, station, name, outcome } = report;
    const body = { track, ticket: id, station, name, outcome };
    return { outcome: duplicate ? 'reportRepeated' : 'reported', body, fields: { sequence } };
  } catch (error) {
    // An event that violates its schema is a bug of ours. Posting it again would not help.
    if (error instanceof TypeError) throw error;
    return again('notStored', 'the report could not be stored; post it again', error);
  }
}

function unwanted({ outcome, reason, message }: Unwanted): Outlined {
  return { outcome, body: { error: message, reason }, fields: { reason, message } };
}

function again(outcome: 'notStored' | 'ticketUnavailable', error: string, cause: unknown): Outlined {
  return { outcome, body: { error }, headers: { 'Retry-After': '5' }, fields: { message: reasonOf(cause) } };
}
