import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { ticketHead } from '../ticket.js';

export const ticketOpened = defineEvent({
  type: 'ticket.opened',
  summary: 'A new image was pushed and this Track subscribes to it: a Ticket is to ride.',
  stream: 'K8STA',
  pattern: 'k8sta.ticket.{track}.opened',
  tokens: ({ track }) => ({ track }),
  publishers: ['ingest', 'tracker'],
  consumers: ['tracker'],
  schema: z.looseObject({
    ...ticketHead,
    sender: z.string().min(1).describe('who posted the webhook'),
    pushedAt: z.iso.datetime().describe("the sender's push time, else the time of receipt"),
    delivery: z.string().optional().describe('the id of the `delivery.received` this came from'),
  }),
});
