import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { partCommit } from '../ticket.js';
import { promotionHead, promotionTokens } from './promotion-head.js';

export const promotionCommitted = defineEvent({
  type: 'promotion.committed',
  summary: 'The files on the remote branch name the image, through our commit or already before it.',
  stream: 'K8STA',
  pattern: 'k8sta.promotion.{track}.{station}.committed',
  tokens: promotionTokens,
  publishers: ['promoter'],
  consumers: ['tracker', 'argo-watcher'],
  schema: z.looseObject({
    ...promotionHead,
    ...partCommit.shape,
    committedAt: z.iso.datetime(),
  }),
});
