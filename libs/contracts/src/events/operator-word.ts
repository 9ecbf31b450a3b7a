import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { wordFields } from '../words.js';

export const operatorWordEvent = defineEvent({
  type: 'operator.word',
  summary: 'An operator, or a checker outside, has said what is to happen to a Ticket or a Track.',
  stream: 'K8STA',
  pattern: 'k8sta.operator.{track}.{verb}',
  tokens: ({ track, verb }) => ({ track, verb }),
  publishers: ['tracker', 'ingest'],
  only: { ingest: { verb: 'check' } },
  consumers: ['tracker', 'notifier'],
  // To recognise a request that is repeated.
  readers: ['tracker'],
  schema: z.looseObject(wordFields),
});
