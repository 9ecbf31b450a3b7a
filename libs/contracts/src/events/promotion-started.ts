import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { applicationRef, commitSha } from '../names.js';
import { imagePlace } from '../target.js';
import { partTokens, promotionHead } from './promotion-head.js';

export const promotionStarted = defineEvent({
  type: 'promotion.started',
  summary:
    'Published before the first push: the tip of the branch, and the image that each file named. After a restart, the promoter resumes from it.',
  stream: 'K8STA',
  pattern: 'k8sta.promotion.{track}.{station}.started.{ticket}.{attempt}.{part}',
  tokens: partTokens,
  publishers: ['promoter'],
  consumers: [],
  readers: ['promoter'],
  schema: z.looseObject({
    ...promotionHead,
    repository: z.string(),
    branch: z.string(),
    base: commitSha.describe('the tip of the branch before the push'),
    replaces: z.array(
      applicationRef.extend({
        ...imagePlace.shape,
        value: z.string().describe('the image as the file named it at `base`'),
      }),
    ),
  }),
});
