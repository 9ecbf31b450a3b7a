import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { supersedeReason } from '../supersede-reasons.js';
import { ticketHead } from '../ticket.js';

export const ticketSuperseded = defineEvent({
  type: 'ticket.superseded',
  summary: 'A newer image replaces this one; `reason` and `message` say which.',
  stream: 'K8STA',
  pattern: 'k8sta.ticket.{track}.superseded',
  tokens: ({ track }) => ({ track }),
  publishers: ['tracker'],
  consumers: ['tracker', 'notifier'],
  schema: z.looseObject({
    ...ticketHead,
    by: z.string().optional().describe('the Ticket that replaces it; absent if it is no Ticket of this Track'),
    // Versions before the other reasons existed wrote none, and their last save may be published by this one.
    reason: supersedeReason.default('NewerTicket'),
    message: z.string(),
    supersededAt: z.iso.datetime(),
  }),
});
