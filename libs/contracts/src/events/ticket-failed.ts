import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { ticketFailure } from '../failure-reasons.js';
import { label } from '../names.js';
import { ticketHead } from '../ticket.js';

export const ticketFailed = defineEvent({
  type: 'ticket.failed',
  summary: 'The Ticket ends here; `reason` and `message` say why. Its commits stay in Git.',
  stream: 'K8STA',
  pattern: 'k8sta.ticket.{track}.failed',
  tokens: ({ track }) => ({ track }),
  publishers: ['tracker'],
  consumers: ['tracker', 'notifier'],
  schema: z.looseObject({
    ...ticketHead,
    station: label.optional(),
    reason: ticketFailure,
    message: z.string().describe('in words that a person can act on'),
    failedAt: z.iso.datetime(),
  }),
});
