import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { label } from '../names.js';
import { ticketHead } from '../ticket.js';
import { checkName } from '../words.js';

export const checkRequested = defineEvent({
  type: 'check.requested',
  summary: 'A checker outside is to say whether this Ticket may enter the Station: it answers with an `operator.word`.',
  stream: 'K8STA',
  pattern: 'k8sta.check.{track}.{station}.{name}.requested',
  tokens: ({ track, station, name }) => ({ track, station, name }),
  publishers: ['tracker'],
  consumers: [],
  schema: z.looseObject({
    ...ticketHead,
    station: label.describe('the Station that the check keeps closed'),
    name: checkName.describe('the name of the check'),
    of: label.describe('the Station where the Ticket has arrived and is to be checked'),
    requestedAt: z.iso.datetime(),
    until: z.iso.datetime().describe('an answer after this time is too late'),
  }),
});
