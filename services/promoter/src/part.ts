import { commitSha, promotedApplication, promotionRequested } from '@k8sta/contracts';
import { editsSchema, refusalSchema, startedSchema } from '@k8sta/edits';
import { z } from 'zod';

export { type Refusal, refuse, type Started } from '@k8sta/edits';

/** How far apart the clocks of committers, of JetStream and of those who ask for promotions may be. */
export const clockSkewMs = 10 * 60 * 1000;

/** What Git needs to know about one part of a promotion. */
export const partSchema = editsSchema.extend({
  kind: promotionRequested.schema.shape.kind,
  id: z.string().describe('the value of the K8sTA-Promotion trailer'),
  ticket: z.string(),
  track: z.string(),
  elsewhere: z
    .array(z.object({ repository: z.string(), revision: z.string(), commit: commitSha }))
    .optional()
    .describe('the commits of the other repositories and revisions that its builds read'),
  branch: z.string().optional().describe("full ref name; absent means the remote's default branch"),
  requestedAt: z.iso.datetime(),
});
export type Part = z.infer<typeof partSchema>;

/** Our commit is on the branch. */
const landedSchema = z.object({
  is: z.literal('landed'),
  branch: z.string(),
  commit: commitSha,
  applications: z.array(promotedApplication),
});
export type Landed = z.infer<typeof landedSchema>;

/** The files already name what the part asks for. */
const nothingSchema = z.object({
  is: z.literal('nothing'),
  branch: z.string(),
  tip: commitSha,
  applications: z.array(promotedApplication),
});
export type Nothing = z.infer<typeof nothingSchema>;

/** What has to be done about a part on a branch that was just fetched. `landed`: an earlier push has succeeded. */
export const planSchema = z.discriminatedUnion('is', [
  refusalSchema,
  landedSchema,
  nothingSchema,
  z.object({
    is: z.literal('ready'),
    branch: z.string(),
    tip: commitSha,
    applications: z.array(promotedApplication),
    replaces: startedSchema.shape.replaces,
  }),
]);
export type Plan = z.infer<typeof planSchema>;
export type Ready = Extract<Plan, { is: 'ready' }>;

/** The branch of a pull request of ours, as it was just fetched. */
const headSchema = z.discriminatedUnion('is', [
  z.object({ is: z.literal('none') }),
  /** Its tip is our commit of the part, on top of `base`, which is on the target branch. */
  z.object({ is: z.literal('ours'), commit: commitSha, base: commitSha }),
  /** Its tip is a commit of somebody else. */
  z.object({ is: z.literal('others'), commit: commitSha, author: z.string() }),
]);
export type Head = z.infer<typeof headSchema>;

/** Both branches of a pull request: the one that it is to be merged into, and its own. */
export const lookSchema = z.object({
  branch: z.object({ name: z.string(), tip: commitSha }).optional().describe('absent if the remote has no such branch'),
  /** What has to be done about the part. `missing`: the branch does not have yet what the forge says that it merged. */
  plan: z.union([planSchema, z.object({ is: z.literal('missing') })]),
  head: headSchema,
});
export type Look = z.infer<typeof lookSchema>;

/** The outcome of a push of one commit to the branch of a pull request. */
export const proposedSchema = z.discriminatedUnion('is', [
  refusalSchema,
  z.object({ is: z.literal('pushed'), commit: commitSha, applications: z.array(promotedApplication) }),
  landedSchema,
  nothingSchema,
  /** Somebody else moved a branch first: look again, and repeat the push. */
  z.object({ is: z.literal('lost'), why: z.string() }),
]);
export type Proposed = z.infer<typeof proposedSchema>;

/** The outcome of the deletion of a pull request's branch. */
export const droppedSchema = z.discriminatedUnion('is', [
  z.object({ is: z.literal('dropped') }),
  /** It is not there any more, or its tip is another commit by now. */
  z.object({ is: z.literal('lost'), why: z.string() }),
  z.object({ is: z.literal('refused'), why: z.string() }),
]);
export type Dropped = z.infer<typeof droppedSchema>;

/** The outcome of a push for one part. */
export const pushedSchema = z.discriminatedUnion('is', [
  ...proposedSchema.options,
  /** The server refused a push of several commits. Pushed one by one, they show which one it does not accept. */
  z.object({ is: z.literal('mixed'), why: z.string() }),
]);
export type Pushed = z.infer<typeof pushedSchema>;
