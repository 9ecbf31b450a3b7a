import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { applicationRef, label } from '../names.js';
import { editSource } from '../source.js';
import { wantedImage } from '../ticket.js';
import { writeWish } from '../write.js';
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
    kind: z
      .literal('rollback')
      .optional()
      .describe('`rollback`: back to the image that ran before; absent for a promotion of a new image'),
    parts: z.int().min(1).describe('how many parts the promotion has'),
    issue: z.int().min(0).describe('0 at first; it increases when the tracker publishes the same request again'),
    repository: z.string().describe('the address of the repository, without credentials'),
    branch: z.string().optional().describe("the full ref name; absent for the remote's default branch"),
    applications: z
      .array(
        applicationRef.extend({
          sources: z.array(editSource).min(1).max(20).describe('those of its sources that this part may edit'),
          sourceIndex: z.int().min(0).describe("which of the Application's sources is the repository of this part"),
          image: wantedImage.describe('the image that its files must name'),
          replaces: z
            .string()
            .min(1)
            .max(1024)
            .optional()
            .describe(
              'for a rollback: the image that failed, `repository:tag[@digest]`; where the files name neither it nor `image`, the part fails with ChangedByOther',
            ),
          edit: z
            .looseObject({ file: z.string().max(1024), key: z.string().max(1024) })
            .optional()
            .describe('the file and the key that the Track names for the Station'),
          runs: z
            .array(z.string().max(1024))
            .max(50)
            .optional()
            .describe(
              'the images of the same repository, or of an alias, that its pods run (status.summary.images); absent if unknown',
            ),
        }),
      )
      .min(1),
    protectedSources: z
      .array(applicationRef.extend({ station: label.optional(), source: editSource }))
      .describe(
        'the sources, on this branch, of every observed Application outside the Station, with their Station where they are on the Track: no edit may change what they render',
      ),
    write: writeWish.optional().describe('how it is written; absent: by a plain commit'),
    arrivals: z
      .array(z.looseObject({ station: label, arrivedAt: z.iso.datetime() }))
      .max(100)
      .optional()
      .describe('where the image runs already, for the text of a pull request'),
    requestedAt: z.iso.datetime().describe('when the tracker first requested the part'),
    notAfter: z.iso.datetime().describe('the promoter must not commit after this time'),
  }),
});
