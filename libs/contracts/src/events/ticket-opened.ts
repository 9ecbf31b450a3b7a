import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { imageRepository } from '../names.js';
import { imageRef, parentTicket, ticketAttempt, ticketHead } from '../ticket.js';

export const ticketOpened = defineEvent({
  type: 'ticket.opened',
  summary:
    'A new image was pushed and this Track subscribes to it, or a junction passes it on: the tracker is to open a Ticket.',
  stream: 'K8STA',
  pattern: 'k8sta.ticket.{track}.opened',
  tokens: ({ track }) => ({ track }),
  publishers: ['ingest', 'tracker'],
  consumers: ['tracker'],
  // To see which of two replicas was first.
  readers: ['ingest'],
  schema: z.looseObject({
    ...ticketHead,
    ticket: ticketHead.ticket.max(64),
    image: imageRef.extend({
      repository: imageRepository.describe('in its normalised form: `docker.io/library/nginx`'),
    }),
    attempt: ticketAttempt.optional().describe('counts from 1; absent for the first'),
    sender: z.string().min(1).max(63).describe('the sender of the webhook'),
    pushedAt: z.iso.datetime().describe("the sender's push time, or else the time of receipt"),
    parent: parentTicket.optional(),
    delivery: z.string().max(128).optional().describe('the id of its `delivery.received`'),
  }),
});
