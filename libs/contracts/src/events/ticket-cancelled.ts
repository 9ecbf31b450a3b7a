import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { ticketHead } from '../ticket.js';

export const ticketCancelled = defineEvent({
  type: 'ticket.cancelled',
  summary: 'An operator took the Ticket off the Track.',
  stream: 'K8STA',
  pattern: 'k8sta.ticket.{track}.cancelled',
  tokens: ({ track }) => ({ track }),
  publishers: ['tracker'],
  consumers: [],
  schema: z.looseObject({
    ...ticketHead,
    by: z.string().describe('who said so'),
    message: z.string(),
    cancelledAt: z.iso.datetime(),
  }),
});
