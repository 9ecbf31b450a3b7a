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

/** The outcome of a push for one part. */
export const pushedSchema = z.discriminatedUnion('is', [
  refusalSchema,
  z.object({ is: z.literal('pushed'), commit: commitSha, applications: z.array(promotedApplication) }),
  landedSchema,
  nothingSchema,
  /** Somebody else moved the branch first. The push can be repeated. */
  z.object({ is: z.literal('lost'), why: z.string() }),
  /** The server refused a push of several commits. Pushed one by one, they show which one it does not accept. */
  z.object({ is: z.literal('mixed'), why: z.string() }),
]);
export type Pushed = z.infer<typeof pushedSchema>;
