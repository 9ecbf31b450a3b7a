import { z } from 'zod';
import { label, longestRepository } from './names.js';
import type { Question } from './questions.js';
import { subjectOf } from './subject.js';
import { imageRef, stationRecord, ticketHead } from './ticket.js';
import { checkName, checkOutcome, speaker, type WordVerb, why } from './words.js';

/** The name under which `nats micro ls` lists the API. */
export const apiService = 'k8sta';

/** The version of the API that the micro service announces: a greater first number may break clients. */
export const apiVersion = '1.0.0';

/** Who speaks and what: the permissions of NATS users name the actor, so that nobody can speak as somebody else. */
const apiPattern = 'k8sta.api.{actor}.{verb}';

/** The one actor that may speak for others: it authenticates them. */
export const boardActor = 'board';

/** The name of an actor: the user of NATS that speaks, as a token of a subject. */
export const actorName = z
  .string()
  .max(63)
  .regex(/^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$/, 'must be letters, digits and "-", at most 63');

/** The longest list in a reply. */
export const longestList = 500;

const moment = z.iso.datetime();
const ticketPrefix = z
  .string()
  .regex(/^[A-Za-z0-9]{4,64}$/, 'must be the id of a Ticket, or at least 4 characters with which it begins')
  .describe('the id of the Ticket, or how it begins');
const image = z
  .string()
  .min(1)
  .max(longestRepository + 330)
  .describe('`repository:tag` or `repository:tag@digest`');

/** The fields of every request. */
const asked = { onBehalfOf: speaker.optional().describe('the person that the board speaks for') };

/** The fields of every request to say a word. */
const said = {
  ...asked,
  message: why.optional().describe('why'),
  id: z
    .string()
    .max(64)
    .regex(/^[A-Za-z0-9-]+$/, 'must be letters, digits and "-"')
    .optional()
    .describe('unique; a request that is repeated with the same id is said once'),
};

/** Where a Ticket is, of whatever version. */
const state = z.looseObject({
  is: z.string(),
  reason: z.string().optional(),
  message: z.string().optional(),
  since: moment.optional(),
});

const ticketLine = z.looseObject({ id: ticketHead.ticket, track: label, image: imageRef, pushedAt: moment, state });

const pause = z.looseObject({ by: z.string(), message: z.string().optional(), at: moment.optional() });

const trackLine = z.looseObject({
  name: label,
  images: z.array(z.string()).describe('the repositories that it subscribes to'),
  stations: z.array(z.string()),
  tickets: z.int().min(0).describe('how many are on their way'),
  findings: z.int().min(0).describe('how many findings the check of the Track has'),
  paused: pause.optional(),
});

const stationDetail = z.looseObject({
  name: label,
  applications: z.array(z.string()).describe('`namespace/name`').optional(),
  tracks: z.array(z.string()).describe('of a junction').optional(),
  paused: pause.optional(),
  image: z.string().optional().describe('what last arrived'),
  arrivedAt: moment.optional(),
  tickets: z.array(z.string()).max(longestList).describe('the Tickets that are there or on their way into it'),
});

const more = z.int().min(0).optional().describe('how many the list leaves out');

const stored = {
  sequence: z.int().min(0).describe('where the stream K8STA holds the word'),
  track: label.optional(),
  ticket: z.string().optional().describe('the Ticket that it is about; of retry, promote and rollback the new one'),
  station: label.optional(),
  image: z.string().optional().describe('of retry, promote and rollback: the image of the new Ticket'),
  tracks: z.int().min(0).optional().describe('how many Tracks got the word, if the request named none'),
};

const refused = z.looseObject({
  ok: z.literal(false),
  reason: z.string().describe('a code of the table of refusals in docs/operations.md'),
  message: z.string().describe('why, in words that a person can act on'),
});

function operation<Request extends z.ZodRawShape, Reply extends z.ZodRawShape>(
  summary: string,
  request: Request,
  reply: Reply,
) {
  return {
    summary,
    request: z.looseObject(request),
    reply: z.discriminatedUnion('ok', [z.looseObject({ ok: z.literal(true), ...reply }), refused]),
  };
}

const word = <Request extends z.ZodRawShape>(summary: string, request: Request) =>
  operation(summary, { ...request, ...said }, stored);

/** What the API answers, by verb. */
export const apiOperations = {
  tickets: operation(
    'Lists Tickets, the newest first.',
    {
      ...asked,
      track: label.optional(),
      ended: z.boolean().optional().describe('also those that have ended'),
      limit: z.int().min(1).max(longestList).optional(),
    },
    { tickets: z.array(ticketLine).max(longestList), more },
  ),
  ticket: operation(
    'Shows one Ticket.',
    { ...asked, ticket: ticketPrefix, track: label.optional() },
    { ticket: ticketLine.extend({ stations: z.array(stationRecord) }) },
  ),
  tracks: operation('Lists the Tracks.', { ...asked }, { tracks: z.array(trackLine).max(longestList), more }),
  track: operation(
    'Shows one Track and its Stations.',
    { ...asked, track: label },
    {
      track: trackLine.extend({
        stations: z.array(stationDetail),
        findings: z.array(z.looseObject({})).describe('as in `track.checked`'),
      }),
    },
  ),
  approve: word('Approves that a Ticket enters a Station.', {
    ticket: ticketPrefix,
    track: label.optional(),
    station: label.optional().describe('absent for the Station that the Ticket waits to enter'),
  }),
  cancel: word('Ends a Ticket.', { ticket: ticketPrefix, track: label.optional() }),
  retry: word('Opens the next attempt of a Ticket that has ended, where it ended.', {
    ticket: ticketPrefix,
    track: label.optional(),
    station: label.optional().describe('where the new Ticket starts; absent for where the old one ended'),
  }),
  express: word('Takes a Ticket past gates and blocks.', {
    ticket: ticketPrefix,
    track: label.optional(),
    station: label.optional().describe('up to and including this Station; absent for the last'),
  }),
  check: word('Reports a check as passed or failed.', {
    ticket: ticketPrefix,
    track: label.optional(),
    station: label.describe('the Station that the check keeps closed'),
    name: checkName,
    outcome: checkOutcome,
  }),
  pause: word('Lets no Ticket enter a Station until it is resumed.', {
    track: label.optional().describe('absent for every Track'),
    station: label.optional().describe('absent for the whole Track'),
  }),
  resume: word('Ends a pause, or the hold of a Station that a person took back.', {
    track: label.optional().describe('absent for every Track'),
    station: label.optional().describe('absent for the whole Track'),
  }),
  promote: word('Opens a Ticket for an image.', {
    track: label,
    image,
    station: label.optional().describe('where the Ticket starts; absent for the first'),
    force: z.boolean().optional().describe('waives the rule for tags, never the repository'),
  }),
  rollback: word('Takes a Station back to what arrived there before.', { track: label, station: label }),
} as const satisfies Record<WordVerb | 'tickets' | 'ticket' | 'tracks' | 'track', unknown>;

export type ApiVerb = keyof typeof apiOperations;
export const apiVerbs = Object.keys(apiOperations) as ApiVerb[];
export const readVerbs = ['tickets', 'ticket', 'tracks', 'track'] as const satisfies ApiVerb[];

type Operation<Verb extends ApiVerb> = (typeof apiOperations)[Verb];
/** A request as the API reads it, and as a client writes it. */
export type ApiRequest<Verb extends ApiVerb> = z.output<Operation<Verb>['request']>;
export type ApiInput<Verb extends ApiVerb> = z.input<Operation<Verb>['request']>;
export type ApiReply<Verb extends ApiVerb> = z.output<Operation<Verb>['reply']>;

/** The subject of a verb, as this actor; `*` for every actor. */
export function apiSubject(actor: string, verb: ApiVerb): string {
  return actor === '*'
    ? apiPattern.replace('{actor}', '*').replace('{verb}', verb)
    : subjectOf(apiPattern, { actor, verb });
}

/** The subjects of every verb, as this actor. */
export function everyApiSubject(actor: string): string {
  return `${apiSubject(actor, 'track').split('.').slice(0, -1).join('.')}.>`;
}

/** Who speaks, by the subject of a request; undefined if the subject is not of the API. */
export function actorOf(subject: string): string | undefined {
  const [, actor] = /^k8sta\.api\.([^.]+)\.[^.]+$/.exec(subject) ?? [];
  return actorName.safeParse(actor).data;
}

/** Answers one verb as the actor that asks. */
export type ApiHandlers = {
  readonly [Verb in ApiVerb]: (request: ApiRequest<Verb>, actor: string) => Promise<ApiReply<Verb>>;
};

/** The verb as a question of this actor. */
export function apiQuestion<Verb extends ApiVerb>(
  actor: string,
  verb: Verb,
): Pick<Question<Operation<Verb>['request'], Operation<Verb>['reply']>, 'subject' | 'request' | 'reply'> {
  const { request, reply } = apiOperations[verb];
  return { subject: apiSubject(actor, verb), request, reply };
}
