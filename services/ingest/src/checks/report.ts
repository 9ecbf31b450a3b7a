import { createHash } from 'node:crypto';
import { type BusEvent, checkName, checkOutcome, eventId, label, why } from '@k8sta/contracts';
import { formatIssues, sanitizeLine } from '@k8sta/text';
import { z } from 'zod';
import { readJson } from '../senders/json.js';
import type { Headers } from '../senders/proof.js';
import type { Refused } from '../senders/sender.js';

/** What a checker posts. */
const body = z.strictObject({
  track: label,
  ticket: z.string().regex(/^[0-9a-z-]{1,64}$/, 'must be the whole id of a Ticket, as `check.requested` has it'),
  station: label,
  name: checkName,
  outcome: checkOutcome,
  message: why.optional(),
});

/** A check of a Ticket before a Station, as passed or failed. */
export interface Report extends z.infer<typeof body> {
  /** The same for the same bytes. */
  readonly hash: string;
}

/** `curl --data` says that it is a form unless it is told otherwise. */
const contentTypes = ['application/json', 'text/plain', 'application/x-www-form-urlencoded'];

/** Pure. The bytes are authenticated already. */
export function readReport(headers: Headers, bytes: Uint8Array): Report | Refused {
  const read = readJson(headers, bytes, contentTypes);
  if ('refusal' in read) return read;
  const parsed = body.safeParse(read.json);
  if (!parsed.success) return { refusal: 'invalid', message: formatIssues(parsed.error, 'the body') };
  return { ...parsed.data, hash: createHash('sha256').update(bytes).digest('hex') };
}

/** The longest name of a speaker on the bus. */
const longestSpeaker = 128;

/** Who reports: a secret by its name, a token by its issuer and its subject. */
export function speakerOf(
  provenBy: string,
  token: { readonly issuer: string; readonly subject: string } | undefined,
): string {
  const name = token ? `${token.issuer}/${token.subject}` : provenBy;
  // The bus refuses what no person can read, and the rest of a name still says who it is.
  return sanitizeLine(name.replace(/\p{C}/gu, ''), longestSpeaker);
}

export type CheckWord = BusEvent & { readonly type: 'operator.word' };

/** The word that a report becomes. The same bytes are the same message, by whatever secret and replica. */
export function wordOf(report: Report, by: string, at: Date, traceparent: string): CheckWord {
  const { track, ticket, station, name, outcome, message, hash } = report;
  const line = message === undefined ? '' : sanitizeLine(message, 1_000);
  const said = { track, verb: 'check' as const, by, at: at.toISOString(), ticket, station, name, outcome };
  return {
    type: 'operator.word',
    id: eventId('operator.word', track, 'check', ticket, station, name, outcome, hash),
    ticketId: ticket,
    traceparent,
    data: { ...said, ...(line !== '' && { message: line }) },
  };
}
