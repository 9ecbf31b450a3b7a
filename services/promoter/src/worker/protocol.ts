import { gitRelation } from '@k8sta/contracts';
import { z } from 'zod';
import { partSchema, planSchema, pushedSchema } from '../part.js';

/** Where a repository is and what to say there. Handed over with each order, and kept nowhere. */
export const remoteSchema = z.object({
  url: z.string(),
  username: z.string().optional(),
  password: z.string().optional(),
});
export type Remote = z.infer<typeof remoteSchema>;

export const authorSchema = z.object({ name: z.string(), email: z.string() });
export type Author = z.infer<typeof authorSchema>;

/** What the parent may ask of the process that owns a mirror. */
export const orderSchema = z.discriminatedUnion('op', [
  z.object({ op: z.literal('plan'), remote: remoteSchema, part: partSchema }),
  z.object({
    op: z.literal('push'),
    remote: remoteSchema,
    part: partSchema,
    branch: z.string(),
    onto: z.string(),
    author: authorSchema,
  }),
  z.object({ op: z.literal('relation'), remote: remoteSchema, question: gitRelation.request }),
]);
export type Order = z.infer<typeof orderSchema>;

/** What each order is answered with. */
export const answers = { plan: planSchema, push: pushedSchema, relation: gitRelation.reply } as const;
export type AnswerTo<Op extends Order['op']> = z.infer<(typeof answers)[Op]>;

/** From the parent. */
export const callSchema = z.object({ id: z.int(), order: orderSchema });

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
