import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { label } from '../names.js';
import { waitReason } from '../reasons.js';
import { ticketHead } from '../ticket.js';

export const ticketSyncing = defineEvent({
  type: 'ticket.syncing',
  summary:
    "The Station's commits are pushed and the Ticket waits for Argo CD; `message` says what for. Published again when that changes.",
  stream: 'K8STA',
  pattern: 'k8sta.ticket.{track}.syncing',
  tokens: ({ track }) => ({ track }),
  publishers: ['tracker'],
  consumers: ['notifier'],
  schema: z.looseObject({
    ...ticketHead,
    station: label,
    promotion: z.string().describe('Ticket/Station/attempt'),
    reason: waitReason,
    message: z.string().describe('what it waits for, in words that a person can act on'),
    deadline: z.iso.datetime().describe('when it fails if it has not arrived'),
  }),
});
