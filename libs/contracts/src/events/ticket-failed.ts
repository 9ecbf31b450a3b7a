import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { ticketFailure } from '../failure-reasons.js';
import { label } from '../names.js';
import { ticketHead } from '../ticket.js';

export const ticketFailed = defineEvent({
  type: 'ticket.failed',
  summary: 'The Ticket ends here, with the reason; commits already made stay on record.',
  stream: 'K8STA',
  pattern: 'k8sta.ticket.{track}.failed',
  tokens: ({ track }) => ({ track }),
  publishers: ['tracker'],
  consumers: [],
  schema: z.looseObject({
    ...ticketHead,
    station: label.optional(),
    reason: ticketFailure,
    message: z.string().describe('in words a person can act on'),
    failedAt: z.iso.datetime(),
  }),
});
