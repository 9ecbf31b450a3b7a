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
    issue: z.int().min(0).describe('0 at first; it increases when the tracker publishes the same request again'),
    repository: z.string().describe('the address of the repository, without credentials'),
    branch: z.string().optional().describe("the full ref name; absent for the remote's default branch"),
    applications: z
      .array(
        applicationRef.extend({
          path: z.string().describe('the directory of the source, relative to the root of the repository'),
          sourceIndex: z.int().min(0).describe('the index of the source in the Application'),
          sourceType: z.string().optional().describe("the source's type as Argo CD detected it"),
          image: wantedImage.describe('the image that its files must name'),
          target: editTarget.optional().describe('how its files name the image, if the promoter cannot find that out'),
          runs: z
            .array(z.string().max(1024))
            .max(50)
            .optional()
            .describe(
              'the images of the same image repository that its pods run (status.summary.images); absent if unknown',
            ),
          overrides: imageOverrides.optional().describe('the settings of its source that win over the files'),
        }),
      )
      .min(1),
    protectedSources: z
      .array(applicationRef.extend({ station: label.optional(), path: z.string() }))
      .describe(
        'the sources on this branch of every observed Application that is not of the Station, with its Station if it is on the Track; the promoter must not edit a file that they read',
      ),
    requestedAt: z.iso.datetime().describe('when the tracker first requested the part'),
    notAfter: z.iso.datetime().describe('the promoter must not commit after this time'),
  }),
});
