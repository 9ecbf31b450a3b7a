import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { label } from '../names.js';

export const applicationCurrent = defineEvent({
  type: 'application.current',
  summary: "The watcher's heartbeat: everything published so far is current as of this moment.",
  stream: 'K8STA_APPLICATIONS',
  pattern: 'k8sta.application.{instance}.current',
  tokens: ({ instance }) => ({ instance }),
  publishers: ['argo-watcher'],
  consumers: ['tracker'],
  schema: z.looseObject({
    instance: label,
    asOf: z.iso.datetime(),
    sequence: z
      .int()
      .positive()
      .optional()
      .describe('in K8STA_APPLICATIONS, of the newest event that "so far" includes; absent while there was none'),
  }),
});
