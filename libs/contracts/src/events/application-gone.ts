import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { applicationHead, applicationTokens } from './application-observed.js';

export const applicationGone = defineEvent({
  type: 'application.gone',
  summary: 'The Application was deleted, or is no longer among those that are watched.',
  stream: 'K8STA_APPLICATIONS',
  pattern: 'k8sta.application.{instance}.{namespace}.{name}.gone',
  tokens: applicationTokens,
  publishers: ['argo-watcher'],
  consumers: ['tracker'],
  readers: ['tracker', 'argo-watcher'],
  schema: z.looseObject({
    ...applicationHead,
    uid: z.string().describe('of the object that is gone: a new one of the same name is another'),
    resourceVersion: z
      .string()
      .regex(/^\d+$/)
      .optional()
      .describe('at which it was found gone: an observation of the uid at a higher one is newer'),
    observedAt: z.iso.datetime(),
  }),
});
