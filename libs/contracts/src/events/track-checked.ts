import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { promotionFailure, trackFindings } from '../failure-reasons.js';
import { applicationRef, label } from '../names.js';

/** The problems of a Track that would stop a Ticket. Bounded: these are also metric labels. */
export const trackFinding = z.enum([
  ...promotionFailure.options,
  ...(Object.keys(trackFindings) as (keyof typeof trackFindings)[]),
]);

/** Its stream keeps the last message of each subject, so the findings of a Track take one read. */
export const trackChecked = defineEvent({
  type: 'track.checked',
  summary:
    'The problems of a Track with its current Applications and repositories; an empty list means that there are none.',
  stream: 'K8STA_APPLICATIONS',
  pattern: 'k8sta.track.{track}.checked',
  tokens: ({ track }) => ({ track }),
  publishers: ['tracker'],
  consumers: ['notifier'],
  schema: z.looseObject({
    track: label,
    findings: z.array(
      z.looseObject({
        station: label,
        application: applicationRef.optional().describe('absent if the finding is about the whole Station'),
        reason: trackFinding.describe(
          'why the promoter would refuse a promotion, or one of the findings in operations.md',
        ),
        message: z.string(),
        holds: z.boolean().describe('true if no Ticket enters the Station until the problem is fixed'),
      }),
    ),
    checkedAt: z.iso.datetime(),
  }),
});
