import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { label } from '../names.js';
import { ticketHead } from '../ticket.js';

export const ticketPromoting = defineEvent({
  type: 'ticket.promoting',
  summary: "The Ticket's commits for this Station have been asked for.",
  stream: 'K8STA',
  pattern: 'k8sta.ticket.{track}.promoting',
  tokens: ({ track }) => ({ track }),
  publishers: ['tracker'],
  consumers: [],
  schema: z.looseObject({
    ...ticketHead,
    station: label,
    promotion: z.string().describe('Ticket/Station/attempt'),
    parts: z.int().min(1).describe('how many commits: one for each (repository, branch)'),
  }),
});
