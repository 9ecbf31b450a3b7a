import { z } from 'zod';
import { defineEvent } from '../definition.js';

/** Why a message can never be handled. Bounded: these are subject tokens and metric labels. */
export const deadReason = z.enum(['unreadable', 'invalid', 'impossible']);
export type DeadReason = z.infer<typeof deadReason>;

export const deadLetter = defineEvent({
  type: 'dead.letter',
  summary: 'A message that a service can never handle, with the cause and the original.',
  stream: 'K8STA_DEAD',
  pattern: 'k8sta.dead.{service}.{reason}',
  tokens: ({ service, reason }) => ({ service, reason }),
  publishers: ['tracker', 'promoter', 'argo-watcher', 'notifier'],
  consumers: [],
  // Not with a durable: it publishes dead letters itself, and could have one delivered to any subject.
  readers: ['notifier'],
  schema: z.looseObject({
    service: z.string().min(1),
    reason: deadReason,
    cause: z.string().describe('what is wrong with it, and where'),
    original: z.looseObject({
      stream: z.string(),
      sequence: z.int(),
      subject: z.string(),
      deliveries: z.int(),
      payload: z.string().describe('unchanged, but cut at 64 KiB'),
    }),
    diedAt: z.iso.datetime(),
  }),
});
