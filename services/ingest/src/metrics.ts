import { Counter, Histogram, type Registry } from 'prom-client';
import type { Outcome } from './outcome.js';

export interface Metrics {
  /** Counts an answer. The sender is present if it was authenticated, the seconds if there was a request. */
  answered(sender: string | undefined, outcome: Outcome, seconds?: number): void;
}

/** ingest's own metrics. */
export function createMetrics(registry: Registry): Metrics {
  const registers = [registry];
  const webhooks = new Counter({
    name: 'k8sta_ingest_webhooks_total',
    help: 'Answered webhooks, also of forges (`proposals/<forge>`), and reports of checks (`checks/<sender>`), by sender (unknown if the request was not authenticated) and outcome.',
    labelNames: ['sender', 'outcome'],
    registers,
  });
  const duration = new Histogram({
    name: 'k8sta_ingest_request_seconds',
    help: 'From the request to its answer, including the acknowledgements of JetStream.',
    labelNames: ['outcome'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  return {
    answered(sender = 'unknown', outcome, seconds) {
      webhooks.inc({ sender, outcome });
      if (seconds !== undefined) duration.observe({ outcome }, seconds);
    },
  };
}
