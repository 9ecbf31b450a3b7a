import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { applicationHead, applicationTokens } from './application-observed.js';

export const applicationGone = defineEvent({
  type: 'application.gone',
  summary: 'The Application was deleted, or argo-watcher no longer watches it.',
  stream: 'K8STA_APPLICATIONS',
  pattern: 'k8sta.application.{instance}.{namespace}.{name}.gone',
  tokens: applicationTokens,
  publishers: ['argo-watcher'],
  consumers: ['tracker'],
  readers: ['tracker', 'argo-watcher'],
  schema: z.looseObject({
    ...applicationHead,
    uid: z.string().describe('the uid of the deleted object; a new Application of the same name has another'),
    resourceVersion: z
      .string()
      .regex(/^\d+$/)
      .optional()
      .describe(
        'the version at which argo-watcher missed it; an observation of the same uid with a higher version is newer',
      ),
    observedAt: z.iso.datetime(),
  }),
});
