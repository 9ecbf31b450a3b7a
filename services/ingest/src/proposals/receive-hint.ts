import type { IncomingMessage } from 'node:http';
import { reasonOf } from '@k8sta/bus';
import { withTimeout } from '@k8sta/runtime';
import type { Track } from '@k8sta/tracks';
import { type Answer, answerIgnored, noHost, type Outlined, refused, tooMany, wrongMethod } from '../answer.js';
import { type AuthenticateOptions, authenticate } from '../authenticate.js';
import type { Continue } from '../body.js';
import type { RateLimit } from '../rate-limit.js';
import { traceOf } from '../trace.js';
import type { Forge, Heard } from './forge.js';
import { hintOf } from './hint.js';
import type { HintPublisher } from './hint-publisher.js';
import { judgeMention, type NotOurs } from './judge-mention.js';
import type { ProposalChanged } from './mention.js';

/** The forges that may say what happened to pull requests, and where that goes. */
export interface ProposalHints extends Pick<AuthenticateOptions<Forge>, 'senders' | 'secrets'> {
  readonly publisher: Pick<HintPublisher, 'publish'>;
}

export interface HintOptions extends ProposalHints, AuthenticateOptions<Forge> {
  readonly tracks: readonly Track[];
  readonly now: () => Date;
  /** Default: none. */
  readonly rateLimit?: RateLimit;
}

/** With the pause between two hints. Gitea waits five seconds for the answer. */
const withinMs = 4_500;

/**
 * Receives the webhook of a forge: bounds it, authenticates the forge, and answers only after JetStream has stored what it says
 * about our pull requests. It stores nothing else: most of what a forge posts concerns other branches.
 */
export async function receiveHint(
  request: IncomingMessage,
  options: HintOptions,
  sendContinue: Continue = () => {},
): Promise<Answer> {
  const receivedAt = options.now();
  if (request.headers.host === undefined && request.httpVersion === '1.1') return noHost();
  const authenticated = await authenticate(request, options, sendContinue, 'proposals');
  if ('outcome' in authenticated) return authenticated;
  const { sender: forge, route, provenBy } = authenticated;
  const known = { sender: `proposals/${forge.name}`, route };
  if (request.method !== 'POST') return { ...known, ...wrongMethod() };
  const seconds = options.rateLimit?.take(known.sender, receivedAt) ?? 0;
  if (seconds > 0) return { ...known, ...tooMany(seconds) };
  const bytes = await authenticated.readBody();
  if ('outcome' in bytes) return { ...known, ...bytes };
  const heard = forge.read(request.headers, bytes);
  if ('refusal' in heard) return { ...known, ...refused(heard.refusal, heard.message) };
  if ('ignored' in heard) return { ...known, ...answerIgnored({ ...heard, answer: { message: heard.ignored } }) };
  const traceparent = traceOf(request.headers['traceparent']);
  const answer = await handle(heard, forge, options, { receivedAt, traceparent });
  return { ...known, ...answer, fields: { provenBy, traceparent, ...answer.fields } };
}

type Receipt = { readonly receivedAt: Date; readonly traceparent: string };

async function handle(heard: Heard, forge: Forge, options: HintOptions, receipt: Receipt): Promise<Outlined> {
  const judged = heard.mentions.map((mention) => {
    const proposal = judgeMention(options.tracks, mention);
    if ('notOurs' in proposal) return proposal;
    return hintOf({ ...receipt, provider: forge.name, proposal, mention, hash: heard.hash });
  });
  const hints = judged.filter((each) => 'data' in each);
  const [first] = hints;
  if (!first) return answerNotOurs(judged.filter((each) => 'notOurs' in each));
  const fields = { ...fieldsOf(first), ...(hints.length > 1 && { hints: hints.length }) };
  try {
    const publishing = Promise.all(hints.map((hint) => options.publisher.publish(hint)));
    const stored = await withTimeout(withinMs, publishing);
    const outcome = stored.every(({ duplicate }) => duplicate) ? 'proposalRepeated' : 'proposalChanged';
    return { outcome, body: { proposals: hints.map(shown) }, fields };
  } catch (error) {
    // An event that violates its schema is a bug of ours. Posting it again would not help.
    if (error instanceof TypeError) throw error;
    const body = { error: 'the webhook could not be stored; post it again' };
    const message = reasonOf(error);
    return { outcome: 'notStored', body, headers: { 'Retry-After': '5' }, fields: { ...fields, message } };
  }
}

function answerNotOurs([first]: readonly NotOurs[]): Outlined {
  const { notOurs: reason, message } = first ?? { notOurs: 'OtherBranch', message: 'the webhook names no branch' };
  return { outcome: 'notOurs', body: { reason, message }, fields: { reason, message } };
}

function shown({ data: { track, station, ticket, number, what } }: ProposalChanged): object {
  return { track, station, ticket, ...(number !== undefined && { number }), what };
}

function fieldsOf({ data }: ProposalChanged): object {
  const { track, station, ticket, repository, number, what, by } = data;
  return { ticketid: ticket, track, station, repository, number, what, by };
}
