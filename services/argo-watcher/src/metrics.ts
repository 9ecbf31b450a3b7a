import { Counter, Gauge, type Registry } from 'prom-client';
import type { Seen } from './follow.js';
import type { RefreshOutcome } from './refresh.js';

/** What is read when somebody asks for the metrics. */
export interface Readings {
  applications(): number;
  waiting(): number;
  lagMs(): number;
}

export interface Metrics {
  seen(seen: Seen): void;
  published(): void;
  listed(): void;
  refreshed(outcome: RefreshOutcome['is']): void;
  read(readings: Readings): void;
}

/** argo-watcher's own metrics. */
export function createMetrics(registry: Registry): Metrics {
  const registers = [registry];
  const events = new Counter({
    name: 'k8sta_watcher_events_total',
    help: 'What was read of Applications, by whether the bus was told of it.',
    labelNames: ['kind'],
    registers,
  });
  const lists = new Counter({
    name: 'k8sta_watcher_lists_total',
    help: 'Lists that were begun; each after the first of a namespace is a relist.',
    registers,
  });
  const refreshes = new Counter({
    name: 'k8sta_watcher_refreshes_total',
    help: 'Refreshes that Argo CD was asked for, by what became of the request.',
    labelNames: ['outcome'],
    registers,
  });
  return {
    seen: (kind) => {
      if (kind !== 'published') events.inc({ kind });
    },
    published: () => events.inc({ kind: 'published' }),
    listed: () => lists.inc(),
    refreshed: (outcome) => refreshes.inc({ outcome }),
    read({ applications, waiting, lagMs }) {
      const gauge = (name: string, help: string, value: () => number) =>
        new Gauge({
          name,
          help,
          registers,
          collect() {
            this.set(value());
          },
        });
      gauge('k8sta_watcher_applications', 'Applications that are followed.', applications);
      gauge('k8sta_watcher_waiting', 'Applications whose newest event the bus has not stored yet.', waiting);
      gauge(
        'k8sta_watcher_lag_seconds',
        'How old the moment is up to which everything is published; a quiet watch lets it grow to a third of K8STA_WATCH_IDLE_MS.',
        () => lagMs() / 1000,
      );
    },
  };
}
