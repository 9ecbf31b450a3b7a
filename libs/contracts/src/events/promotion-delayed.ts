import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { promotionHead, promotionTokens } from './promotion-head.js';

export const promotionDelayed = defineEvent({
  type: 'promotion.delayed',
  summary:
    'The promoter cannot commit this part yet and will retry; `message` says why. Published again when the message changes.',
  stream: 'K8STA',
  pattern: 'k8sta.promotion.{track}.{station}.delayed',
  tokens: promotionTokens,
  publishers: ['promoter'],
  consumers: ['tracker'],
  schema: z.looseObject({
    ...promotionHead,
    message: z.string().describe('why, in words that a person can act on'),
    attempt: z.int().min(1).describe('how often the promoter has tried'),
    retryAt: z.iso.datetime().describe('when the promoter tries again'),
  }),
});
