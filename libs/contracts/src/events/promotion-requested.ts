import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { applicationRef, label } from '../names.js';
import { imageOverrides } from '../override.js';
import { editTarget } from '../target.js';
import { wantedImage } from '../ticket.js';
import { promotionHead, promotionTokens } from './promotion-head.js';

export const promotionRequested = defineEvent({
  type: 'promotion.requested',
  summary: 'One part of a promotion: everything the promoter needs to make one commit.',
  stream: 'K8STA',
  pattern: 'k8sta.promotion.{track}.{station}.requested',
  tokens: promotionTokens,
  publishers: ['tracker'],
  consumers: ['promoter'],
  schema: z.looseObject({
    ...promotionHead,
    parts: z.int().min(1).describe('how many parts the promotion has'),
    issue: z.int().min(0).describe('0 at first, counted up when the same request is published again'),
    repository: z.string().describe('the address to fetch from and push to, without credentials'),
    branch: z.string().optional().describe("full ref name; absent means the remote's default branch"),
    applications: z
      .array(
        applicationRef.extend({
          path: z.string().describe('the directory of the source, relative to the root of the repository'),
          sourceIndex: z.int().min(0).describe("which of the Application's sources"),
          sourceType: z.string().optional().describe("the source's type as Argo CD detected it"),
          image: wantedImage.describe('what its files shall name'),
          target: editTarget.optional().describe('how its files name the image, where that cannot be found out'),
          runs: z
            .array(z.string().max(1024))
            .max(50)
            .optional()
            .describe('the images of this repository that its pods run (status.summary.images); absent if unknown'),
          overrides: imageOverrides.optional().describe('what its source sets itself, which wins over the files'),
        }),
      )
      .min(1),
    protectedSources: z
      .array(applicationRef.extend({ station: label.optional(), path: z.string() }))
      .describe(
        'the sources, on this branch, of every observed Application outside the Station, with their Station where they are on the Track: no file that they read may be edited',
      ),
    requestedAt: z.iso.datetime().describe('when the part was first asked for'),
    notAfter: z.iso.datetime().describe('past this nothing may be committed any more'),
  }),
});
