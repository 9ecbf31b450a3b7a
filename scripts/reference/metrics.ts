import { busMetrics } from '@k8sta/bus';
import { promotionFailure, ticketFailure } from '@k8sta/contracts';
import { readyMetric } from '@k8sta/runtime';
import { Registry } from 'prom-client';
import { z } from 'zod';
import { createMetrics as watcherMetrics } from '../../services/argo-watcher/src/metrics.js';
import { createMetrics as boardMetrics } from '../../services/board/src/metrics.js';
import { createMetrics as ingestMetrics } from '../../services/ingest/src/metrics.js';
import { outcomes } from '../../services/ingest/src/outcome.js';
import { createMetrics as notifierMetrics } from '../../services/notifier/src/metrics.js';
import { createMetrics as promoterMetrics } from '../../services/promoter/src/metrics.js';
import { createMetrics as trackerMetrics } from '../../services/tracker/src/metrics.js';
import { code, generatedNote, listed, prose, table } from './table.js';

/** What the `main.ts` of each service registers; `test/src/metrics.test.ts` compares this with running services. */
const registrations: Readonly<Record<string, readonly ((registry: Registry) => unknown)[]>> = {
  ingest: [ingestMetrics],
  tracker: [
    (registry) =>
      trackerMetrics(registry, {
        tracks: [],
        instances: [],
        freshness: { currentAsOf: () => ({}) },
        owners: { isOurs: () => true },
        now: () => new Date(0),
      }),
    busMetrics,
  ],
  promoter: [promoterMetrics, busMetrics],
  'argo-watcher': [watcherMetrics, busMetrics],
  notifier: [(registry) => notifierMetrics(registry, []), busMetrics],
  board: [boardMetrics],
};

/** What the lifecycle of every service registers. */
const ofEach = [(registry: Registry) => readyMetric(registry, async () => [])];

const metricSchema = z.object({
  name: z.string(),
  help: z.string(),
  type: z.string(),
  // prom-client's types lack this field, but every metric has it.
  labelNames: z.array(z.string()),
});
type Metric = z.infer<typeof metricSchema>;

/** Every metric of K8sTA, with the services that register it. */
export function registeredMetrics(): (Metric & { services: string[] })[] {
  const found = new Map<string, Metric & { services: string[] }>();
  for (const [service, registrars] of Object.entries(registrations)) {
    const registry = new Registry();
    for (const register of [...ofEach, ...registrars]) register(registry);
    for (const each of registry.getMetricsAsArray()) {
      const metric = metricSchema.parse(each);
      const services = [...(found.get(metric.name)?.services ?? []), service];
      found.set(metric.name, { ...metric, services });
    }
  }
  return [...found.values()];
}

export function metricsReference(): string {
  const metrics = registeredMetrics().sort((a, b) => a.services.length - b.services.length);
  const sections = new Set(metrics.map(({ services }) => listed(services)));
  return [
    generatedNote,
    introduction,
    ...[...sections].map((section) => {
      const its = metrics.filter(({ services }) => listed(services) === section);
      return `## ${section}\n\n${metricsTable(its)}`;
    }),
    labels(),
    questions,
  ]
    .join('\n\n')
    .concat('\n');
}

function metricsTable(metrics: readonly Metric[]): string {
  return table(
    ['metric', 'type', 'labels', 'meaning'],
    metrics.map(({ name, type, labelNames, help }) => [code(name), type, labelNames.map(code).join(', '), prose(help)]),
  );
}

const introduction = `# Metrics

Each service serves its metrics to Prometheus on \`/metrics\` of its status port (\`K8STA_STATUS_PORT\`, 9090). The default metrics of
prom-client (\`process_…\`, \`nodejs_…\`) are not listed here.

Any number of replicas may run. Each **counter and histogram** counts the work of one replica: sum over the replicas. Each **gauge** of
the tracker shows the same Tracks as one replica last saw them: never sum it; its description says how to aggregate it.

No label ever holds an image, a tag, a Ticket or text from outside. The \`reason\` of a Ticket says what is wrong with it
([operations.md](operations.md)).`;

function labels(): string {
  const failures = (options: readonly string[]) => options.map(code).join(', ');
  return [
    '## Label values',
    table(
      ['label', 'values'],
      [
        ['`track`, `station`', 'the names in the tracks files'],
        ['`type`', 'the type of an event, as in [events.md](events.md)'],
        ['`question`', 'the subject of a question, as in [events.md](events.md#questions)'],
        ['`sender`', "the name in the webhook's path; `unknown` if the request was not authenticated"],
        ['`receiver`', 'the names in the rules file of the notifier'],
        ['`argo_instance`', 'each of `K8STA_ARGO_INSTANCES`'],
        [
          '`outcome` of `k8sta_tracker_tickets_ended_total`',
          `\`completed\`, \`superseded\`, \`cancelled\`, or a failure: ${failures(ticketFailure.options)}`,
        ],
        [
          '`reason` of `k8sta_tracker_wait_seconds`',
          'why Tickets wait: each reason of the [first table of operations.md](operations.md#while-a-ticket-waits)',
        ],
        [
          '`outcome` of `k8sta_promoter_parts_total`',
          `\`committed\`, \`unchanged\`, or a failure: ${failures(promotionFailure.options)}`,
        ],
        ['`outcome` of `k8sta_ingest_…`', 'the next table'],
        ['any other', "listed in the metric's meaning"],
      ],
    ),
    'The outcomes of a webhook:',
    table(
      ['`outcome`', 'HTTP', 'meaning'],
      Object.entries(outcomes).map(([outcome, { status, meaning }]) => [code(outcome), String(status), prose(meaning)]),
    ),
  ].join('\n\n');
}

const questions = `## Queries

\`\`\`promql
# Deployment frequency: arrivals at the last Station in a day
sum by (track) (increase(k8sta_tracker_deployments_total[1d]))

# Lead time: from the webhook to the last Station, 90th percentile of the last week
histogram_quantile(0.9, sum by (track, le) (rate(k8sta_tracker_ride_seconds_bucket[7d])))

# Change failure rate of a Station in the last week
sum by (track, station) (increase(k8sta_tracker_station_failures_total[7d]))
  / (sum by (track, station) (increase(k8sta_tracker_station_failures_total[7d])) + sum by (track, station) (increase(k8sta_tracker_arrivals_total[7d])))

# Time to restore: the median of the last month
histogram_quantile(0.5, sum by (track, station, le) (rate(k8sta_tracker_restore_seconds_bucket[30d])))

# Where the time goes: mean sync time by Station
sum by (track, station) (rate(k8sta_tracker_sync_seconds_sum[1d])) / sum by (track, station) (rate(k8sta_tracker_sync_seconds_count[1d]))

# What Tickets wait for now, and how long the oldest one has
max by (track, reason) (k8sta_tracker_wait_seconds)
\`\`\`

The tracker keeps in the Track's document since when a Station has been broken, so the time to restore survives a restart of the
tracker. A Ticket that fails in the soak, or by a check, after it arrived counts both as an arrival and as a failure.

A dashboard and alerts are in \`deploy/components/monitoring\`; [observability.md](observability.md) says how to install them.`;
