import { deadReason } from '@k8sta/contracts';
import { Counter, type Registry } from 'prom-client';
import type { BusOptions } from './bus.js';

/** The metrics of a service that consumes and asks. Spread them into the options of its bus. */
export function busMetrics(registry: Registry): Required<Pick<BusOptions, 'onOutcome' | 'onAsked'>> {
  const registers = [registry];
  const messages = new Counter({
    name: 'k8sta_bus_messages_total',
    help: 'Handled messages, by event type and outcome: done, later (handed back for redelivery) or never (a dead letter).',
    labelNames: ['type', 'outcome'],
    registers,
  });
  const redeliveries = new Counter({
    name: 'k8sta_bus_redeliveries_total',
    help: 'Redelivered messages, by event type: handed back, or taken over from a replica that died.',
    labelNames: ['type'],
    registers,
  });
  const deadLetters = new Counter({
    name: 'k8sta_bus_dead_letters_total',
    help: 'Dead letters, which the service can never handle, by reason; docs/operations.md says what to do about each reason.',
    labelNames: ['reason'],
    registers,
  });
  // Every series exists from the start, so that the first event is an increase.
  for (const reason of deadReason.options) deadLetters.inc({ reason }, 0);
  const questions = new Counter({
    name: 'k8sta_bus_questions_total',
    help: 'Asked questions, by subject and outcome: answered, unanswered (no answer in time) or failed (an error).',
    labelNames: ['question', 'outcome'],
    registers,
  });
  return {
    onOutcome(type, outcome, deliveries) {
      messages.inc({ type, outcome: outcome.is });
      if (deliveries > 1) redeliveries.inc({ type });
      if (outcome.is === 'never') deadLetters.inc({ reason: outcome.reason });
    },
    onAsked: (question, outcome) => questions.inc({ question, outcome }),
  };
}
