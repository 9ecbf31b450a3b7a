import { AnsweredWithError, type Log, type Tap } from '@k8sta/bus';
import { apiOperations, boardActor, type WordVerb, why, wordVerbs } from '@k8sta/contracts';
import { formatIssues } from '@k8sta/text';
import type Router from '@koa/router';
import type { Context } from 'koa';
import rawBody from 'raw-body';
import { z } from 'zod';
import type { Access } from '../access/access.js';
import type { Person } from '../access/person.js';
import type { Roles } from '../access/roles.js';
import type { Metrics } from '../metrics.js';
import { refuse } from './refusals.js';
import { isFromOurPage } from './security.js';

export interface Speaking {
  readonly tap: Pick<Tap, 'call'>;
  readonly access: Access;
  readonly roles: Roles;
  /** The origin of the board's own pages. */
  readonly origin: string | undefined;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** How long the tracker may take to store a word. */
const answerMs = 10_000;
const bodyLimit = 16 * 1024;

/** These need a reason that the log shows later. An approval and the end of a pause speak for themselves. */
const unexplained: readonly WordVerb[] = ['approve', 'resume', 'check'];

const json = z.string().transform((text, context) => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    context.addIssue({ code: 'custom', message: 'the body is not JSON' });
    return z.NEVER;
  }
});

/** Adds the one route that changes anything: a word of an operator, in the name of the person who says it. */
export function addWordRoute(router: Router, speaking: Speaking): void {
  const { access, origin, metrics, log } = speaking;
  router.post('say', '/api/say/:verb', async (context) => {
    const { verb = '' } = context['params'] as { verb?: string };
    if (!isWordVerb(verb)) return refuse(context, 'NotFound', 'there is no such word');
    if (!isFromOurPage(context, origin)) {
      return refuse(context, 'OriginRefused', 'only a page of the board may say a word');
    }
    const person = await access.person(context);
    if (!person) return refuse(context, 'SignInRequired', 'sign in first');
    const request = await readRequest(context, verb);
    if ('fault' in request) return refuse(context, 'RequestInvalid', request.fault);
    if (!isAllowed(speaking.roles, person, verb, request.word.track)) {
      metrics.said(verb, 'forbidden');
      log.warn({ verb, by: person.name, track: request.word.track }, 'word forbidden');
      const where = request.word.track === undefined ? 'every Track' : request.word.track;
      return refuse(context, 'RoleMissing', `your roles do not let you ${verb} on ${where}`);
    }
    await say(context, verb, { ...request.word, onBehalfOf: person.name }, speaking);
  });
}

async function say(context: Context, verb: WordVerb, word: Word, { tap, metrics, log }: Speaking): Promise<void> {
  const reply = await tap.call(boardActor, verb, word as never, answerMs).catch((error: unknown) => {
    if (!(error instanceof AnsweredWithError)) throw error;
    return { ok: false as const, reason: 'TrackerFault', message: error.message };
  });
  const outcome = reply === undefined ? 'unanswered' : reply.ok ? 'accepted' : 'refused';
  metrics.said(verb, outcome);
  log.info({ verb, by: word.onBehalfOf, track: word.track, outcome }, 'word');
  if (reply === undefined) {
    const message = 'the tracker does not answer: the word may have been said; look at the log before you repeat it';
    return refuse(context, 'Unanswered', message);
  }
  context.status = reply.ok ? 200 : 409;
  context.body = reply.ok
    ? { sequence: reply.sequence, ticket: reply.ticket }
    : { reason: reply.reason, message: reply.message };
}

interface Word {
  readonly track?: string | undefined;
  readonly message?: string | undefined;
  readonly onBehalfOf?: string;
}

async function readRequest(context: Context, verb: WordVerb): Promise<{ word: Word } | { fault: string }> {
  const body = await rawBody(context.req, { limit: bodyLimit, encoding: 'utf8' }).catch((error: Error) => error);
  if (body instanceof Error) return { fault: 'the body cannot be read, or is too long' };
  const needsReason = !unexplained.includes(verb);
  // Strict: the page sends nothing else, and nobody may name the person to speak for.
  const { onBehalfOf: _ours, ...shape } = apiOperations[verb].request.shape;
  const schema = z.strictObject({ ...shape, ...(needsReason && { message: why }) });
  const read = json.pipe(schema).safeParse(body);
  if (!read.success) return { fault: formatIssues(read.error) };
  const word = read.data as Word;
  // A role counts on its Tracks, so that the Track must be known before the tracker is asked.
  if (word.track === undefined && verb !== 'pause' && verb !== 'resume') return { fault: 'track: is required' };
  return { word };
}

function isAllowed(roles: Roles, person: Person, verb: WordVerb, track: string | undefined): boolean {
  return (track === undefined ? roles.mayEverywhere(person) : roles.mayOn(person, track)).includes(verb);
}

function isWordVerb(text: string): text is WordVerb {
  return (wordVerbs as readonly string[]).includes(text);
}
