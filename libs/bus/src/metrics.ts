import { deadReason } from '@k8sta/contracts';
import { Counter, type Registry } from 'prom-client';
import type { BusOptions } from './bus.js';

/** The metrics of a service that consumes and asks, to be spread into the options of its bus. */
export function busMetrics(registry: Registry): Required<Pick<BusOptions, 'onOutcome' | 'onAsked'>> {
  const registers = [registry];
  const messages = new Counter({
    name: 'k8sta_bus_messages_total',
    help: 'Messages that were handled, by event type and outcome: done, later (handed back, to come again) or never (a dead letter).',
    labelNames: ['type', 'outcome'],
    registers,
  });
  const redeliveries = new Counter({
    name: 'k8sta_bus_redeliveries_total',
    help: 'Messages that had been delivered before, by event type: handed back, or taken over from a replica that died.',
    labelNames: ['type'],
    registers,
  });
  const deadLetters = new Counter({
    name: 'k8sta_bus_dead_letters_total',
    help: 'Messages that can never be handled, by reason; docs/operations.md says what each one wants.',
    labelNames: ['reason'],
    registers,
  });
  // From the start, so that the first one is an increase.
  for (const reason of deadReason.options) deadLetters.inc({ reason }, 0);
  const questions = new Counter({
    name: 'k8sta_bus_questions_total',
    help: 'Questions that were asked, by subject and what became of them: answered, unanswered (nobody did in time) or failed (with an error).',
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
