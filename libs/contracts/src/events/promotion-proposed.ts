import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { commitSha } from '../names.js';
import { forgeProvider } from '../write.js';
import { partTokens, promotionHead } from './promotion-head.js';
import { promotionRequested } from './promotion-requested.js';

export const promotionProposed = defineEvent({
  type: 'promotion.proposed',
  summary:
    'The promoter has opened a pull request for this part. It looks at it again and again, and answers once it is merged or closed.',
  stream: 'K8STA',
  pattern: 'k8sta.promotion.{track}.{station}.proposed.{ticket}.{attempt}.{part}',
  tokens: partTokens,
  publishers: ['promoter'],
  consumers: ['tracker', 'notifier'],
  // A forge's webhook names only the branch: the request is read back from here.
  readers: ['promoter'],
  schema: z.looseObject({
    ...promotionHead,
    repository: z.string().describe('its address, without credentials'),
    branch: z.string().describe('the full name of the branch into which it is to be merged'),
    head: z.string().describe('the full name of the branch with our commit'),
    commit: commitSha.describe('our commit on it'),
    provider: forgeProvider,
    number: z.int().min(1).describe('the number of the pull request; in GitLab its iid'),
    url: z.string().max(2_048).describe('the page of the pull request'),
    request: promotionRequested.schema.describe('the request that it answers'),
    proposedAt: z.iso.datetime(),
  }),
});
