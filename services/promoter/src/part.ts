import { applicationRef, commitSha, imageRef, oneLine, promotedApplication, promotionFailure } from '@k8sta/contracts';
import { z } from 'zod';

/** What the branch was when this part was first about to be pushed; a restart resumes from it. */
export const startedSchema = z.object({
  branch: z.string(),
  base: commitSha,
  replaces: z.array(applicationRef.extend({ file: z.string(), value: z.string() })),
});
export type Started = z.infer<typeof startedSchema>;

/** One part of a promotion, as much of it as Git has to know. */
export const partSchema = z.object({
  id: z.string().describe('as the K8sTA-Promotion trailer names it'),
  ticket: z.string(),
  track: z.string(),
  station: z.string(),
  branch: z.string().optional().describe("full ref name; absent means the remote's default branch"),
  applications: z.array(
    applicationRef.extend({ path: z.string(), sourceType: z.string().optional(), image: imageRef }),
  ),
  keepOff: z.array(applicationRef.extend({ station: z.string(), path: z.string() })),
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

export function refuse(reason: Refusal['reason'], message: string): Refusal {
  // Servers and files have a say in it, and it is published and logged.
  return { is: 'refused', reason, message: oneLine(message, 2_000) };
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
