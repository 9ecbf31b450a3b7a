import { gitRelation } from '@k8sta/contracts';
import { z } from 'zod';
import { partSchema, planSchema, pushedSchema } from '../../part.js';

/** Where a repository is and what to say there. Handed over with each order, and kept nowhere. */
export const remoteSchema = z.object({
  url: z.string(),
  username: z.string().optional(),
  password: z.string().optional(),
});
export type Remote = z.infer<typeof remoteSchema>;

export const authorSchema = z.object({ name: z.string(), email: z.string() });
export type Author = z.infer<typeof authorSchema>;

/** What the parent may ask of the process that holds a mirror. */
export const orderSchema = z.discriminatedUnion('op', [
  /** What is to be done about these parts of one branch, which is fetched for it. */
  z.object({ op: z.literal('plan'), remote: remoteSchema, parts: z.array(partSchema) }),
  /** One commit for each of these parts, one on top of the other, in one push. */
  z.object({
    op: z.literal('push'),
    remote: remoteSchema,
    parts: z.array(partSchema),
    branch: z.string(),
    author: authorSchema,
  }),
  /** As `plan`, for one part that nobody asked to commit: a branch that was fetched a moment ago is fresh enough. */
  z.object({ op: z.literal('inspect'), remote: remoteSchema, part: partSchema }),
  z.object({ op: z.literal('relation'), remote: remoteSchema, question: gitRelation.request }),
]);
export type Order = z.infer<typeof orderSchema>;

/** What each order is answered with. */
export const answers = {
  plan: z.array(planSchema),
  push: z.array(pushedSchema),
  inspect: planSchema,
  relation: gitRelation.reply,
} as const;
export type AnswerTo<Op extends Order['op']> = z.infer<(typeof answers)[Op]>;

/** From the parent. A mirror is named by its directory; a released one may be taken over by another process. */
export const callSchema = z.discriminatedUnion('is', [
  z.object({ is: z.literal('order'), id: z.int(), mirror: z.string(), order: orderSchema }),
  z.object({ is: z.literal('release'), mirror: z.string() }),
]);
export type Call = z.infer<typeof callSchema>;

/**
 * From the worker. `ready` comes first and once. `contact` says that an order has turned to its remote, `progress` that
 * the remote, or whatever the order waits for on this side, is alive.
 */
export const messageSchema = z.discriminatedUnion('is', [
  z.object({ is: z.literal('ready') }),
  z.object({ is: z.literal('contact'), id: z.int() }),
  z.object({ is: z.literal('progress'), id: z.int() }),
  z.object({ is: z.literal('answer'), id: z.int(), answer: z.unknown() }),
  z.object({ is: z.literal('fault'), id: z.int(), message: z.string() }),
]);
export type Message = z.infer<typeof messageSchema>;
