import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { label } from '../names.js';

const word = {
  track: label,
  by: z.string().min(1).describe('who said it'),
  saidAt: z.iso.datetime(),
  note: z.string().optional(),
};

function operatorEvent<Verb extends string, Shape extends z.ZodRawShape>(verb: Verb, summary: string, shape: Shape) {
  return defineEvent({
    type: `operator.${verb}` as const,
    summary,
    stream: 'K8STA',
    pattern: `k8sta.operator.{track}.${verb}`,
    tokens: (data) => ({ track: String(data['track']) }),
    publishers: ['tracker'],
    consumers: [],
    schema: z.looseObject({ ...word, ...shape }),
  });
}

const ticket = z.string().min(1);

export const operatorApprove = operatorEvent(
  'approve',
  'The Ticket may enter the Station whose approval gate it waits at.',
  {
    ticket,
    station: label,
  },
);
export const operatorCancel = operatorEvent('cancel', 'The Ticket shall end where it is.', { ticket });
export const operatorRetry = operatorEvent('retry', 'The Ticket shall try the Station it failed at once more.', {
  ticket,
  station: label,
});
export const operatorPause = operatorEvent('pause', 'Nothing enters the Station, or any of the Track.', {
  station: label.optional(),
});
export const operatorResume = operatorEvent('resume', 'A pause is over.', { station: label.optional() });
