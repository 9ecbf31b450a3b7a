import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { applicationHead, applicationTokens } from './application-observed.js';

export const projectObserved = defineEvent({
  type: 'project.observed',
  summary: 'An Argo CD AppProject with its sync windows, which explain why an Application does not sync.',
  stream: 'K8STA_APPLICATIONS',
  pattern: 'k8sta.project.{instance}.{namespace}.{name}.observed',
  tokens: applicationTokens,
  publishers: ['argo-watcher'],
  consumers: ['tracker'],
  readers: ['tracker'],
  schema: z.looseObject({
    ...applicationHead,
    uid: z.string(),
    resourceVersion: z.string().regex(/^\d+$/),
    observedAt: z.iso.datetime(),
    syncWindows: z.array(
      z.looseObject({
        kind: z.enum(['allow', 'deny']),
        schedule: z.string(),
        duration: z.string(),
        timeZone: z.string().optional(),
        applications: z.array(z.string()).optional(),
        namespaces: z.array(z.string()).optional(),
        clusters: z.array(z.string()).optional(),
        manualSync: z.boolean().optional(),
        andOperator: z
          .boolean()
          .optional()
          .describe('an Application must match all conditions of the window, not only one'),
      }),
    ),
  }),
});
