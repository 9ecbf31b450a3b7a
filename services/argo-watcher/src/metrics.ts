import { Counter, Gauge, type Registry } from 'prom-client';
import type { Seen } from './follow.js';
import type { RefreshOutcome } from './refresh.js';

/** What the gauges read when the metrics are scraped. */
interface Readings {
  applications(): number;
  waiting(): number;
  lagMs(): number;
}

export interface Metrics {
  seen(seen: Seen): void;
  published(): void;
  listed(): void;
  refreshed(outcome: RefreshOutcome['is']): void;
  /** Sets where the gauges read their values. */
  read(readings: Readings): void;
}

/** argo-watcher's own metrics. */
export function createMetrics(registry: Registry): Metrics {
  const registers = [registry];
  const events = new Counter({
    name: 'k8sta_watcher_events_total',
    help: 'Applications that argo-watcher read, by kind: published, suppressed (nothing changed that a decision depends on) or malformed.',
    labelNames: ['kind'],
    registers,
  });
  const lists = new Counter({
    name: 'k8sta_watcher_lists_total',
    help: 'Lists that argo-watcher started; each one after the first of a namespace is a relist.',
    registers,
  });
  const refreshes = new Counter({
    name: 'k8sta_watcher_refreshes_total',
    help: 'Requested refreshes, by outcome: asked, absent (the Application does not exist), refused (a permission is missing) or later (argo-watcher retries).',
    labelNames: ['outcome'],
    registers,
  });
  let readings: Readings | undefined;
  const gauge = (name: string, help: string, value: (from: Readings) => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        if (readings) this.set(value(readings));
      },
    });
  gauge('k8sta_watcher_applications', 'Applications that argo-watcher follows.', (from) => from.applications());
  gauge('k8sta_watcher_waiting', 'Applications whose newest event is not stored on the bus yet.', (from) =>
    from.waiting(),
  );
  gauge(
    'k8sta_watcher_lag_seconds',
    'How far the published observations are behind the Kubernetes API, by the last event or bookmark; while the watch is quiet, it grows up to a third of K8STA_WATCH_IDLE_MS.',
    (from) => from.lagMs() / 1000,
  );
  return {
    seen: (kind) => {
      if (kind !== 'published') events.inc({ kind });
    },
    published: () => events.inc({ kind: 'published' }),
    listed: () => lists.inc(),
    refreshed: (outcome) => refreshes.inc({ outcome }),
    read: (from) => {
      readings = from;
    },
  };
}
