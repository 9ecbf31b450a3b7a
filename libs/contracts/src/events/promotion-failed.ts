import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { promotionFailure } from '../failure-reasons.js';
import { commitSha } from '../names.js';
import { promotionHead, promotionTokens } from './promotion-head.js';

export const promotionFailed = defineEvent({
  type: 'promotion.failed',
  summary: 'The promoter will not commit this part; `reason` and `message` say why.',
  stream: 'K8STA',
  pattern: 'k8sta.promotion.{track}.{station}.failed',
  tokens: promotionTokens,
  publishers: ['promoter'],
  consumers: ['tracker'],
  // Whether an earlier issue of a request was answered: then its closed pull request is not the answer to this one.
  readers: ['promoter'],
  schema: z.looseObject({
    ...promotionHead,
    issue: z.int().min(0).optional().describe('of the request that it answers'),
    reason: promotionFailure,
    message: z.string(),
    commit: commitSha.optional().describe('for ChangedByOther: the commit that changed our line'),
    author: z.string().optional().describe('the author of that commit'),
    failedAt: z.iso.datetime(),
  }),
});
