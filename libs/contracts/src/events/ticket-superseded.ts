import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { ticketHead } from '../ticket.js';

export const ticketSuperseded = defineEvent({
  type: 'ticket.superseded',
  summary: 'A newer Ticket of the same lane replaces this one.',
  stream: 'K8STA',
  pattern: 'k8sta.ticket.{track}.superseded',
  tokens: ({ track }) => ({ track }),
  publishers: ['tracker'],
  consumers: [],
  schema: z.looseObject({
    ...ticketHead,
    by: z.string().describe('the newer Ticket'),
    message: z.string(),
    supersededAt: z.iso.datetime(),
  }),
});
