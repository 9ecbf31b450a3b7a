import { z } from 'zod';
import { filled, type Service } from './definition.js';
import { deadReason } from './events/dead-letter.js';
import { promotionRequested } from './events/promotion-requested.js';
import { promotionFailure } from './failure-reasons.js';
import { commitSha, label } from './names.js';
import { editTarget, imagePlace } from './target.js';
import { promotedApplication, wantedImage } from './ticket.js';

/** A person's user: it may read everything, as `tap` may, and ask what only an operator may ask. */
export const operator = 'operator';

/** A request/reply exchange outside of every stream: its subject, who asks, who answers, and both schemas. */
export interface Question<Request extends z.ZodType, Reply extends z.ZodType> {
  /** With the placeholder `{replica}` if it is put to one replica of the service. */
  readonly subject: string;
  readonly summary: string;
  /** A service, or a person with the user of operators. */
  readonly askedBy: Service | typeof operator;
  readonly answeredBy: Service;
  readonly request: Request;
  readonly reply: Reply;
}

/** How our commit relates to the revision that Argo CD reports. Never a guess: without proof, the relation is `unknown`. */
const relation = z
  .enum(['same', 'contains', 'behind', 'unrelated', 'unknown'])
  .describe('the revision is our commit, contains it, is behind it, or has another history');

export const gitRelation = {
  subject: 'k8sta.git.relation',
  summary: 'Does this revision contain our commit, and do its files still name our image?',
  askedBy: 'tracker',
  answeredBy: 'promoter',
  request: z.looseObject({
    repository: z.string().describe('the address of the repository'),
    branch: z.string().optional(),
    commit: commitSha,
    revision: z
      .string()
      .optional()
      .describe(
        'the revision that Argo CD reports, which is not always a commit id; absent for the current tip of the branch',
      ),
    file: z.string().optional().describe('the file that names the image'),
    target: editTarget.optional().describe('how that file names the image; absent if there is no file'),
    alsoIn: z.array(imagePlace).max(20).optional().describe('the other places that name the image'),
    image: wantedImage,
  }),
  reply: z.looseObject({
    relation,
    revision: commitSha.optional().describe('the tip of the branch, if the request has no revision'),
    namesImage: z.boolean().optional().describe('whether the files name the image at that revision; absent if unknown'),
    named: z.string().optional().describe('the image that they name instead'),
    changedBy: z
      .looseObject({
        commit: commitSha,
        author: z.string().max(512).describe('name and address of its author'),
        ours: z.boolean().describe('whether it is a commit of K8sTA, by its trailers'),
      })
      .optional()
      .describe(
        'for the tip, if its files do not name the image: the newest commit after ours that changed the place; absent if the promoter cannot tell',
      ),
    message: z
      .string()
      .optional()
      .describe('why the relation is unknown, or why the promoter cannot tell what the files name'),
  }),
} satisfies Question<z.ZodType, z.ZodType>;

/** Asked when a Track is loaded, and when one of its Applications has changed. */
export const gitInspection = {
  subject: 'k8sta.git.inspection',
  summary: 'Can the promoter commit this image for these Applications, and which files would it edit?',
  askedBy: 'tracker',
  answeredBy: 'promoter',
  request: z.looseObject({
    ...promotionRequested.schema.pick({ repository: true, branch: true, applications: true, protectedSources: true })
      .shape,
  }),
  reply: z.looseObject({
    is: z
      .enum(['possible', 'refused', 'unknown'])
      .describe(
        'possible, refused as the promotion would be, or unknown because the promoter cannot read the repository',
      ),
    reason: promotionFailure.optional().describe('the reason of a refusal'),
    message: z.string().optional(),
    applications: z.array(promotedApplication).optional().describe('if it is possible: the file of each Application'),
  }),
} satisfies Question<z.ZodType, z.ZodType>;

/** Asked before each push. Without an answer, the promoter tries again later. */
export const promotionWanted = {
  subject: 'k8sta.api.wanted',
  summary: 'Is this promotion still wanted?',
  askedBy: 'promoter',
  answeredBy: 'tracker',
  request: z.looseObject({
    track: label,
    ticket: z.string().min(1),
    promotion: z.string().min(1),
    part: z.int().min(0),
  }),
  reply: z.looseObject({
    wanted: z.boolean(),
    message: z
      .string()
      .optional()
      .describe('why it is not wanted: who withdrew it, or the Ticket that goes on in its place'),
    issue: z
      .int()
      .min(0)
      .optional()
      .describe('of the last request for the part; a request with a lower one needs no answer any more'),
  }),
} satisfies Question<z.ZodType, z.ZodType>;

/** The request names a stored webhook and carries none, so that nobody can forge one. */
export const deliveryReplay = {
  subject: 'k8sta.api.replay',
  summary: 'Handle this stored webhook again, as if its sender had posted it again: open the Tickets that are missing.',
  askedBy: operator,
  answeredBy: 'ingest',
  request: z.looseObject({
    sender: label,
    delivery: z.string().min(1).max(128),
    sequence: z.int().min(1).describe('where the stream holds it'),
  }),
  reply: z.looseObject({
    outcome: z.enum(['opened', 'repeated', 'notSubscribed', 'notStored', 'notFound', 'notReplayable']),
    message: z.string().optional(),
    tickets: z.array(z.looseObject({ track: label, ticket: z.string(), image: z.string() })).optional(),
    more: z.int().optional().describe('how many Tickets the list leaves out'),
  }),
} satisfies Question<z.ZodType, z.ZodType>;

/**
 * Each Track has one tracker among the replicas, its owner, so that they do not race for the Track's document. The
 * replica that takes an event of the Track from the stream has the owner handle it, and settles the message by the outcome.
 */
export const eventForOwner = {
  subject: 'k8sta.replica.tracker.{replica}.event',
  summary: 'Handle this event for these Tracks, which are yours.',
  askedBy: 'tracker',
  answeredBy: 'tracker',
  request: z.looseObject({
    type: z.string().min(1),
    id: z.string().min(1),
    time: z.iso.datetime(),
    sequence: z.int().min(1).describe('where the stream holds it'),
    deliveries: z.int().min(1),
    ticketid: z.string().optional(),
    traceparent: z.string().optional(),
    tracks: z.array(label).min(1).max(10_000).describe('the Tracks of this replica that the event concerns'),
    data: z.looseObject({}).describe('the fields of the event'),
  }),
  reply: z.looseObject({
    is: z.enum(['done', 'later', 'never']),
    delayMs: z.int().min(0).max(3_600_000).optional().describe('of `later`: when the message is to be delivered again'),
    because: z.string().optional().describe('of `later`'),
    reason: deadReason.optional().describe('of `never`'),
    cause: z.string().optional().describe('of `never`'),
  }),
} satisfies Question<z.ZodType, z.ZodType>;

/** The owner holds the Track's document in memory; any other replica would have to read it. */
export const wantedForOwner = {
  subject: 'k8sta.replica.tracker.{replica}.wanted',
  summary: 'Is this promotion on a Track of yours still wanted?',
  askedBy: 'tracker',
  answeredBy: 'tracker',
  request: promotionWanted.request,
  reply: promotionWanted.reply,
} satisfies Question<z.ZodType, z.ZodType>;

/** The same question, put to this replica alone. */
export function toReplica<Asked extends Pick<Question<z.ZodType, z.ZodType>, 'subject'>>(
  question: Asked,
  replica: string,
): Asked & { readonly replica: string } {
  return { ...question, replica };
}

/** The subject on which a question is asked. Throws a TypeError if it is put to one replica and names none. */
export function askedOn({ subject, replica }: { readonly subject: string; readonly replica?: string }): string {
  const on = filled(subject, { replica });
  if (on.includes('{')) throw new TypeError(`the question ${subject} names no replica`);
  return on;
}

/**
 * Nobody waits longer for an answer, and none is sent later: NATS lets a service answer for a limited time only
 * (`allow_responses`), and would refuse it then.
 */
export const answerableMs = 30_000;

export const questions = [
  ...[gitRelation, gitInspection, promotionWanted, deliveryReplay],
  ...[eventForOwner, wantedForOwner],
] as const;
