import {
  applicationRef,
  commitSha,
  oneLine,
  promotedApplication,
  promotionFailure,
  promotionRequested,
  promotionStarted,
} from '@k8sta/contracts';
import { z } from 'zod';

/** What the branch was when this part was first about to be pushed; a restart resumes from it. */
export const startedSchema = z.object({
  branch: z.string(),
  base: commitSha,
  replaces: promotionStarted.schema.shape.replaces,
});
export type Started = z.infer<typeof startedSchema>;

/** One part of a promotion, as much of it as Git has to know. */
export const partSchema = z.object({
  id: z.string().describe('as the K8sTA-Promotion trailer names it'),
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

/** An expected refusal: the part will not be committed, and why. */
export const refusalSchema = z.object({
  is: z.literal('refused'),
  reason: promotionFailure,
  message: z.string(),
  commit: commitSha.optional(),
  author: z.string().optional(),
});
export type Refusal = z.infer<typeof refusalSchema>;

/** `lines` are our own words, such as the lines to add to a file, and follow the message as they are. */
export function refuse(reason: Refusal['reason'], message: string, lines?: string): Refusal {
  // Servers and files have a say in the message, and it is published and logged.
  const clean = oneLine(message, 2_000);
  return { is: 'refused', reason, message: lines === undefined ? clean : `${clean}\n${lines}` };
}

/** Our commit is on the branch already: a push of ours whose success nobody heard of. */
const landedSchema = z.object({
  is: z.literal('landed'),
  branch: z.string(),
  commit: commitSha,
  applications: z.array(promotedApplication),
});

/** The files say already what the part asks for. */
const nothingSchema = z.object({
  is: z.literal('nothing'),
  branch: z.string(),
  tip: commitSha,
  applications: z.array(promotedApplication),
});

/** What is to be done about a part, seen from a freshly fetched branch. */
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

/** What became of one part of a push. */
export const pushedSchema = z.discriminatedUnion('is', [
  refusalSchema,
  z.object({ is: z.literal('pushed'), commit: commitSha, applications: z.array(promotedApplication) }),
  landedSchema,
  nothingSchema,
  /** Somebody else moved the branch first: push again. */
  z.object({ is: z.literal('lost'), why: z.string() }),
  /** The server refused a push of several commits: each has to be pushed alone to learn which it does not take. */
  z.object({ is: z.literal('mixed'), why: z.string() }),
]);
export type Pushed = z.infer<typeof pushedSchema>;
