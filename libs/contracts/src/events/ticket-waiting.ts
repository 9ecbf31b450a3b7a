import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { label } from '../names.js';
import { waitReason } from '../reasons.js';
import { ticketHead, waitingOn } from '../ticket.js';

export const ticketWaiting = defineEvent({
  type: 'ticket.waiting',
  summary: 'The Ticket cannot continue yet; `message` says what it waits for.',
  stream: 'K8STA',
  pattern: 'k8sta.ticket.{track}.waiting',
  tokens: ({ track }) => ({ track }),
  publishers: ['tracker'],
  consumers: [],
  schema: z.looseObject({
    ...ticketHead,
    at: label.optional().describe('the Station that it has arrived at; absent before the first'),
    next: label.optional().describe('the Station that it enters next; absent while it soaks at the last Station'),
    on: waitingOn,
    reason: waitReason,
    message: z.string().describe('what it waits for, in words that a person can act on'),
    since: z.iso.datetime(),
    until: z.iso
      .datetime()
      .optional()
      .describe('when the wait ends by itself or is looked at again, where that is known'),
  }),
});
