import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { label } from '../names.js';
import { ticketHead } from '../ticket.js';

export const ticketPromoting = defineEvent({
  type: 'ticket.promoting',
  summary: "The tracker has requested the Ticket's commits for this Station.",
  stream: 'K8STA',
  pattern: 'k8sta.ticket.{track}.promoting',
  tokens: ({ track }) => ({ track }),
  publishers: ['tracker'],
  consumers: ['notifier'],
  schema: z.looseObject({
    ...ticketHead,
    station: label,
    promotion: z.string().describe('Ticket/Station/attempt'),
    parts: z.int().min(1).describe('the number of parts: one for each (repository, branch)'),
  }),
});
