import {
  applicationRef,
  commitSha,
  promotedApplication,
  promotionFailure,
  promotionRequested,
  promotionStarted,
} from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';
import { z } from 'zod';

/** How far apart the clocks of committers, of JetStream and of those who ask for promotions may be. */
export const clockSkewMs = 10 * 60 * 1000;

/** The branch before the first push of this part. After a restart the promoter resumes from it. */
export const startedSchema = z.object({
  branch: z.string(),
  base: commitSha,
  replaces: promotionStarted.schema.shape.replaces,
});
export type Started = z.infer<typeof startedSchema>;

/** What Git needs to know about one part of a promotion. */
export const partSchema = z.object({
  id: z.string().describe('the value of the K8sTA-Promotion trailer'),
  ticket: z.string(),
  track: z.string(),
  station: z.string(),
  branch: z.string().optional().describe("full ref name; absent means the remote's default branch"),
  applications: z.array(promotionRequested.schema.shape.applications.element.omit({ sourceIndex: true })),
  protectedSources: z.array(applicationRef.extend({ station: z.string().optional(), path: z.string() })),
  requestedAt: z.iso.datetime(),
  started: startedSchema.optional(),
});
export type Part = z.infer<typeof partSchema>;

/** An expected refusal: why the part will not be committed. */
export const refusalSchema = z.object({
  is: z.literal('refused'),
  reason: promotionFailure,
  message: z.string(),
  commit: commitSha.optional(),
  author: z.string().optional(),
});
export type Refusal = z.infer<typeof refusalSchema>;

/** `lines` is text of ours, such as lines to add to a file. It follows the message unchanged. */
export function refuse(reason: Refusal['reason'], message: string, lines?: string): Refusal {
  // The message may quote servers and files, and it is published and logged.
  const clean = sanitizeLine(message, 2_000);
  return { is: 'refused', reason, message: lines === undefined ? clean : `${clean}\n${lines}` };
}

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
