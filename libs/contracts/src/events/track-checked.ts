import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { promotionFailure, trackFindings } from '../failure-reasons.js';
import { applicationRef, label } from '../names.js';

/** What may be wrong with a Track before any train gets stuck on it. Bounded: these are also metric labels. */
export const trackFinding = z.enum([
  ...promotionFailure.options,
  ...(Object.keys(trackFindings) as (keyof typeof trackFindings)[]),
]);

/** Its stream keeps the last message of each subject, so the findings of a Track take one read. */
export const trackChecked = defineEvent({
  type: 'track.checked',
  summary: 'What is wrong with a Track as its Applications and repositories are now; nothing, when the list is empty.',
  stream: 'K8STA_APPLICATIONS',
  pattern: 'k8sta.track.{track}.checked',
  tokens: ({ track }) => ({ track }),
  publishers: ['tracker'],
  consumers: [],
  schema: z.looseObject({
    track: label,
    findings: z.array(
      z.looseObject({
        station: label,
        application: applicationRef.optional().describe('absent where it concerns the whole Station'),
        reason: trackFinding.describe(
          'why a promotion would be refused, or: NotReady (it could not be asked for), AutoSyncOff, Frozen, PathsNotCovered (manifest-generate-paths leave out the file we edit), NotInspected (the repository could not be read)',
        ),
        message: z.string(),
        holds: z.boolean().describe('no Ticket enters the Station while this is so'),
      }),
    ),
    checkedAt: z.iso.datetime(),
  }),
});
