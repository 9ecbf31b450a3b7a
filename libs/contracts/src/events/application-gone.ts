import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { applicationHead, applicationTokens } from './application-observed.js';

export const applicationGone = defineEvent({
  type: 'application.gone',
  summary: 'The Application was deleted.',
  stream: 'K8STA_APPLICATIONS',
  pattern: 'k8sta.application.{instance}.{namespace}.{name}.gone',
  tokens: applicationTokens,
  publishers: ['argo-watcher'],
  consumers: ['tracker'],
  schema: z.looseObject({
    ...applicationHead,
    uid: z.string().describe('of the object that is gone: a new one of the same name is another'),
    observedAt: z.iso.datetime(),
  }),
});
