import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { applicationRef, commitSha, label } from '../names.js';
import { ticketHead } from '../ticket.js';

export const ticketArrived = defineEvent({
  type: 'ticket.arrived',
  summary: 'Every Application of the Station runs our commit, synced and healthy.',
  stream: 'K8STA',
  pattern: 'k8sta.ticket.{track}.arrived',
  tokens: ({ track }) => ({ track }),
  publishers: ['tracker'],
  consumers: [],
  schema: z.looseObject({
    ...ticketHead,
    station: label,
    promotion: z.string().describe('Ticket/Station/attempt'),
    applications: z.array(
      applicationRef.extend({
        commit: commitSha.describe('the commit whose arrival this is'),
        revision: z.string().describe('the revision that Argo CD had synced when it was judged'),
        noRenderedChange: z
          .boolean()
          .optional()
          .describe('true where the commit changed nothing that is rendered, so that Argo CD had nothing to do'),
      }),
    ),
    left: z
      .array(z.string())
      .optional()
      .describe(
        'Applications, selected by labels, that were deleted after the commit: the Ticket goes on without them',
      ),
    arrivedAt: z.iso.datetime(),
  }),
});
