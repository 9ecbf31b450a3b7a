import { commitSha, gitRelation } from '@k8sta/contracts';
import { z } from 'zod';
import { droppedSchema, lookSchema, partSchema, planSchema, proposedSchema, pushedSchema } from '../../part.js';

/** Where a repository is, and the credentials for it. Each job carries them; the worker does not keep them. */
export const remoteSchema = z.object({
  url: z.string(),
  username: z.string().optional(),
  password: z.string().optional(),
  bearerToken: z.string().optional(),
  privateKey: z.string().optional().describe('for ssh, without a passphrase'),
  proxy: z.string().optional(),
});
export type Remote = z.infer<typeof remoteSchema>;

export const authorSchema = z.object({ name: z.string(), email: z.string() });
export type Author = z.infer<typeof authorSchema>;

/** The operator's templates for commit messages. */
export const messageStyleSchema = z.object({ template: z.string().optional(), link: z.string().optional() });
export type MessageStyle = z.infer<typeof messageStyleSchema>;

/** What signs the commits. An ssh key is in the format of OpenSSH, an OpenPGP key is armored; neither has a passphrase. */
export const signingKeySchema = z.object({ format: z.enum(['ssh', 'openpgp']), privateKey: z.string() });
export type SigningKey = z.infer<typeof signingKeySchema>;

/** Another repository or revision that builds read, and how to reach it. */
const elsewhereSchema = z.object({ repository: z.string(), revision: z.string(), remote: remoteSchema });
export type ElsewhereAt = z.infer<typeof elsewhereSchema>;
const elsewhere = z.array(elsewhereSchema).optional();

/** How the commits look. */
const commitStyle = {
  author: authorSchema,
  message: messageStyleSchema.optional(),
  signingKey: signingKeySchema.optional(),
};
const commitStyleSchema = z.object(commitStyle);
export type CommitStyle = z.infer<typeof commitStyleSchema>;

/** What the parent can ask of the process that holds a mirror. */
export const jobSchema = z.discriminatedUnion('op', [
  /** Reads one branch, decides what has to be done about each of these parts, and prepares their push. */
  z.object({ op: z.literal('plan'), remote: remoteSchema, parts: z.array(partSchema), elsewhere, ...commitStyle }),
  /** Makes one commit for each of these parts, one on top of the other, and pushes them together. */
  z.object({
    op: z.literal('push'),
    remote: remoteSchema,
    parts: z.array(partSchema),
    elsewhere,
    branch: z.string(),
    ...commitStyle,
  }),
  /** Looks at the target branch and at the branch `head` of a part's pull request. */
  z.object({
    op: z.literal('look'),
    remote: remoteSchema,
    part: partSchema,
    elsewhere,
    author: authorSchema,
    head: z.string().describe('full ref name'),
    merged: z
      .object({ commit: commitSha.optional() })
      .optional()
      .describe('the forge says that the pull request is merged, and by which commit'),
  }),
  /** Makes the commit of one part on top of the target branch, and pushes it to the branch `head` of its pull request. */
  z.object({
    op: z.literal('propose'),
    remote: remoteSchema,
    part: partSchema,
    elsewhere,
    branch: z.string(),
    head: z.string(),
    replaces: commitSha.optional().describe('our own commit, the tip of `head`; absent: `head` does not exist'),
    ...commitStyle,
  }),
  /** Deletes the branch of a pull request if its tip is this commit. */
  z.object({ op: z.literal('drop'), remote: remoteSchema, head: z.string(), commit: commitSha }),
  /** Plans one part that will not be committed. A branch that was fetched a moment ago is fresh enough. */
  z.object({ op: z.literal('inspect'), remote: remoteSchema, part: partSchema, elsewhere }),
  /** Answers a question from the mirror alone, whatever the remote does; null if a commit is not in the mirror. */
  z.object({ op: z.literal('lookUp'), question: gitRelation.request }),
  /** Answers a question, and fetches first if the mirror lacks a commit. */
  z.object({ op: z.literal('relation'), remote: remoteSchema, question: gitRelation.request }),
]);
export type Job = z.infer<typeof jobSchema>;

/** The answer to each kind of job. */
export const answers = {
  plan: z.array(planSchema),
  push: z.array(pushedSchema),
  look: lookSchema,
  propose: proposedSchema,
  drop: droppedSchema,
  inspect: planSchema,
  lookUp: gitRelation.reply.nullable(),
  relation: gitRelation.reply,
} as const;
export type AnswerTo<Op extends Job['op']> = z.infer<(typeof answers)[Op]>;

/** From the parent to the worker. A mirror is named by its directory; another process may take over a released one. */
export const callSchema = z.discriminatedUnion('is', [
  z.object({ is: z.literal('job'), id: z.int(), mirror: z.string(), job: jobSchema }),
  z.object({ is: z.literal('release'), mirror: z.string() }),
]);
export type Call = z.infer<typeof callSchema>;

const elsewhereIndex = z.int().optional().describe("which one of the job's `elsewhere`; absent: its own remote");

/**
 * From the worker to the parent. `ready` comes first and once. `contact` means that a job starts to wait for its remote.
 * `progress` means that the remote sent something, or that work on this side continues.
 */
export const messageSchema = z.discriminatedUnion('is', [
  z.object({ is: z.literal('ready') }),
  z.object({ is: z.literal('contact'), id: z.int(), elsewhere: elsewhereIndex }),
  z.object({ is: z.literal('progress'), id: z.int() }),
  /** A sentence for people about why the job takes long. */
  z.object({ is: z.literal('note'), id: z.int(), text: z.string() }),
  /** How much memory the process uses after a job. */
  z.object({ is: z.literal('memory'), bytes: z.number().nonnegative() }),
  z.object({ is: z.literal('answer'), id: z.int(), answer: z.unknown() }),
  z.object({ is: z.literal('fault'), id: z.int(), message: z.string(), elsewhere: elsewhereIndex }),
]);
export type Message = z.infer<typeof messageSchema>;
