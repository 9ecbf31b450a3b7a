import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { stationRecord, ticketHead } from '../ticket.js';

export const ticketCompleted = defineEvent({
  type: 'ticket.completed',
  summary: 'The Ticket has arrived at the last Station.',
  stream: 'K8STA',
  pattern: 'k8sta.ticket.{track}.completed',
  tokens: ({ track }) => ({ track }),
  publishers: ['tracker'],
  consumers: ['tracker', 'notifier'],
  schema: z.looseObject({
    ...ticketHead,
    completedAt: z.iso.datetime(),
    stations: z.array(stationRecord),
  }),
});
