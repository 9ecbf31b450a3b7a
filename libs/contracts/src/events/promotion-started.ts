import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { applicationRef, commitSha } from '../names.js';
import { imagePlace } from '../target.js';
import { partTokens, promotionHead } from './promotion-head.js';

export const promotionStarted = defineEvent({
  type: 'promotion.started',
  summary: 'Said before the first push: where the branch stood and what each file named. A restart resumes from it.',
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
    base: commitSha.describe('the tip of the branch before anything was pushed'),
    replaces: z.array(
      applicationRef.extend({
        ...imagePlace.shape,
        value: z.string().describe('the image as the file spelled it at base'),
      }),
    ),
  }),
});
