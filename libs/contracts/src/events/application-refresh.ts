import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { applicationHead, applicationTokens } from './application-observed.js';

export const applicationRefresh = defineEvent({
  type: 'application.refresh',
  summary: 'Argo CD is to refresh the Application: its revision is behind our commit.',
  stream: 'K8STA_APPLICATIONS',
  pattern: 'k8sta.application.{instance}.{namespace}.{name}.refresh',
  tokens: applicationTokens,
  publishers: ['tracker'],
  consumers: ['argo-watcher'],
  schema: z.looseObject({
    ...applicationHead,
    message: z.string(),
    requestedAt: z.iso.datetime(),
  }),
});
