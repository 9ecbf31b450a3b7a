import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { label } from '../names.js';
import { ticketHead } from '../ticket.js';

export const ticketCancelled = defineEvent({
  type: 'ticket.cancelled',
  summary: 'An operator ended the Ticket. What it has committed stays in Git.',
  stream: 'K8STA',
  pattern: 'k8sta.ticket.{track}.cancelled',
  tokens: ({ track }) => ({ track }),
  publishers: ['tracker'],
  consumers: ['tracker', 'notifier'],
  schema: z.looseObject({
    ...ticketHead,
    station: label.optional().describe('the Station that keeps its commit; absent if there is none'),
    by: z.string().describe('the operator'),
    message: z.string(),
    cancelledAt: z.iso.datetime(),
  }),
});
