import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { applicationRef, commitSha, label } from '../names.js';
import { ticketHead } from '../ticket.js';

export const ticketArrived = defineEvent({
  type: 'ticket.arrived',
  summary: 'Every Application of the Station runs our commit and is synced and healthy.',
  stream: 'K8STA',
  pattern: 'k8sta.ticket.{track}.arrived',
  tokens: ({ track }) => ({ track }),
  publishers: ['tracker'],
  consumers: ['tracker', 'notifier'],
  schema: z.looseObject({
    ...ticketHead,
    station: label,
    promotion: z.string().describe('Ticket/Station/attempt'),
    applications: z.array(
      applicationRef.extend({
        commit: commitSha.describe('the commit that arrived'),
        revision: z.string().describe('the revision that Argo CD had synced'),
        noRenderedChange: z
          .boolean()
          .optional()
          .describe('true if the commit did not change the rendered manifests, so that Argo CD had nothing to deploy'),
      }),
    ),
    left: z
      .array(z.string())
      .optional()
      .describe(
        'Applications selected by labels that were deleted after the commit; the Ticket continues without them',
      ),
    arrivedAt: z.iso.datetime(),
  }),
});
