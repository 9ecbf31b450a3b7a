import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { promotionFailure } from '../failure-reasons.js';
import { commitSha } from '../names.js';
import { promotionHead, promotionTokens } from './promotion-head.js';

export const promotionFailed = defineEvent({
  type: 'promotion.failed',
  summary: 'This part will not be committed, and why.',
  stream: 'K8STA',
  pattern: 'k8sta.promotion.{track}.{station}.failed',
  tokens: promotionTokens,
  publishers: ['promoter'],
  consumers: ['tracker'],
  schema: z.looseObject({
    ...promotionHead,
    reason: promotionFailure,
    message: z.string(),
    commit: commitSha.optional().describe('the commit that changed our line, for ChangedByOther'),
    author: z.string().optional().describe('who made that commit'),
    failedAt: z.iso.datetime(),
  }),
});
