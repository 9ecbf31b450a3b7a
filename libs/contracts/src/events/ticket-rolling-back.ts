import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { ticketFailure } from '../failure-reasons.js';
import { label } from '../names.js';
import { ticketHead } from '../ticket.js';

export const ticketRollingBack = defineEvent({
  type: 'ticket.rollingBack',
  summary: 'The Station failed, and its Applications go back to the image that ran there before.',
  stream: 'K8STA',
  pattern: 'k8sta.ticket.{track}.rollingBack',
  tokens: ({ track }) => ({ track }),
  publishers: ['tracker'],
  consumers: ['notifier'],
  schema: z.looseObject({
    ...ticketHead,
    station: label,
    promotion: z.string(),
    parts: z.int().min(1),
    to: z.string().describe('the image that ran before'),
    reason: ticketFailure.describe('why the Station failed'),
    message: z.string(),
  }),
});
