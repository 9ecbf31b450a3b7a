import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { label } from '../names.js';

export const applicationCurrent = defineEvent({
  type: 'application.current',
  summary: "argo-watcher's heartbeat: the observations before it in the stream are current as of `asOf`.",
  stream: 'K8STA_APPLICATIONS',
  pattern: 'k8sta.application.{instance}.current',
  tokens: ({ instance }) => ({ instance }),
  publishers: ['argo-watcher'],
  consumers: [],
  readers: ['tracker'],
  schema: z.looseObject({
    instance: label,
    asOf: z.iso.datetime(),
  }),
});
