import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { commitSha } from '../names.js';
import { forgeProvider } from '../write.js';
import { partTokens, promotionHead } from './promotion-head.js';

export const statusRequested = defineEvent({
  type: 'status.requested',
  summary: 'A commit that a promotion made is to show on its forge what has become of it.',
  stream: 'K8STA',
  pattern: 'k8sta.status.{track}.{station}.{ticket}.{attempt}.{part}.requested',
  tokens: partTokens,
  publishers: ['tracker'],
  consumers: ['promoter'],
  // A status that is late must not replace a newer one.
  readers: ['promoter'],
  schema: z.looseObject({
    ...promotionHead,
    repository: z.string().describe('its address, without credentials'),
    commit: commitSha.describe('the commit of the part'),
    provider: forgeProvider.optional().describe('absent: as the credential or the host of the repository says'),
    state: z.enum(['pending', 'success', 'failure']),
    description: z.string().max(300).describe('for people; a forge shows about 140 characters'),
    statuses: z.boolean().describe('whether the commit gets a status'),
    deployments: z.boolean().describe('whether GitHub shows it as a deployment to the environment of the Station'),
    requestedAt: z.iso.datetime(),
  }),
});
