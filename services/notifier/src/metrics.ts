import { Counter, type Registry } from 'prom-client';

/** What became of a message to a receiver. Bounded: these are metric labels. */
export const deliveryOutcomes = ['sent', 'retried', 'refused', 'expired'] as const;
export type DeliveryOutcome = (typeof deliveryOutcomes)[number];

export interface Metrics {
  delivered(receiver: string, outcome: DeliveryOutcome): void;
}

/** The notifier's own metrics. `receivers` are the names in the rules file. */
export function createMetrics(registry: Registry, receivers: readonly string[]): Metrics {
  const deliveries = new Counter({
    name: 'k8sta_notifier_deliveries_total',
    help: 'Messages to receivers, by receiver and outcome: sent (posted or changed), retried (not sent now, or perhaps sent without an answer), refused (it would be refused again; nobody gets the message) or expired (not sent within K8STA_NOTIFY_GIVE_UP_MS).',
    labelNames: ['receiver', 'outcome'],
    registers: [registry],
  });
  // Every series exists from the start, so that the first failure is an increase.
  for (const receiver of receivers) for (const outcome of deliveryOutcomes) deliveries.inc({ receiver, outcome }, 0);
  return { delivered: (receiver, outcome) => deliveries.inc({ receiver, outcome }) };
}
