import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { promotionHead, promotionTokens } from './promotion-head.js';

export const promotionDelayed = defineEvent({
  type: 'promotion.delayed',
  summary: 'This part cannot be committed for now, and why; it is tried again. Said again when the reason changes.',
  stream: 'K8STA',
  pattern: 'k8sta.promotion.{track}.{station}.delayed',
  tokens: promotionTokens,
  publishers: ['promoter'],
  consumers: ['tracker'],
  schema: z.looseObject({
    ...promotionHead,
    message: z.string().describe('what is in the way, in words a person can act on'),
    attempt: z.int().min(1).describe('how often the request had been taken up by then'),
    retryAt: z.iso.datetime().describe('when it is taken up again'),
  }),
});
