import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { label } from '../names.js';
import { forgeProvider } from '../write.js';

export const proposalChanged = defineEvent({
  type: 'proposal.changed',
  summary:
    'A forge says that something happened to a pull request of ours. The promoter then asks the forge itself: this event is only a hint.',
  stream: 'K8STA',
  pattern: 'k8sta.proposal.{track}.{station}.changed',
  tokens: ({ track, station }) => ({ track, station }),
  publishers: ['ingest'],
  consumers: ['promoter'],
  schema: z.looseObject({
    track: label,
    station: label,
    ticket: z.string().min(1).describe("the Ticket's id"),
    attempt: z.int().min(1),
    part: z.int().min(0),
    provider: forgeProvider,
    repository: z.string().max(2_048).describe('as the forge names it: its path'),
    number: z.int().min(1).optional().describe('the number of the pull request; absent for a check of its commit'),
    what: z
      .enum(['merged', 'closed', 'changed', 'checked'])
      .describe('what happened; `checked` is a check or a status of its commit'),
    by: z.string().max(200).optional().describe('who did it, as the forge names them'),
    receivedAt: z.iso.datetime(),
  }),
});
