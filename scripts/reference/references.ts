import { configReference } from './config.js';
import { eventsReference } from './events.js';
import { metricsReference } from './metrics.js';
import { operationsReference } from './operations.js';
import { prometheusRule } from './prometheus-rule.js';

/** The documents that are derived from the code, by their path. */
export function references(): Record<string, string> {
  return {
    'docs/config.md': configReference(),
    'docs/events.md': eventsReference(),
    'docs/metrics.md': metricsReference(),
    'docs/operations.md': operationsReference(),
    'deploy/components/monitoring/prometheus-rule.yaml': prometheusRule(),
  };
}
