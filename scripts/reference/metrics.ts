import { busMetrics } from '@k8sta/bus';
import { promotionFailure, ticketFailure } from '@k8sta/contracts';
import { Registry } from 'prom-client';
import { z } from 'zod';
import { createMetrics as watcherMetrics } from '../../services/argo-watcher/src/metrics.js';
import { createMetrics as ingestMetrics } from '../../services/ingest/src/metrics.js';
import { outcomes } from '../../services/ingest/src/outcome.js';
import { createMetrics as promoterMetrics } from '../../services/promoter/src/metrics.js';
import { createMetrics as trackerMetrics } from '../../services/tracker/src/metrics.js';
import { code, generatedNote, listed, prose, table } from './table.js';

/** What each service registers, as its `main.ts` does; `test/src/metrics.test.ts` compares with the real ones. */
const registrations: Readonly<Record<string, readonly ((registry: Registry) => unknown)[]>> = {
  ingest: [ingestMetrics],
  tracker: [
    (registry) =>
      trackerMetrics(registry, {
        tracks: [],
        instances: [],
        freshness: { currentAsOf: () => ({}) },
        now: () => new Date(0),
      }),
    busMetrics,
  ],
  promoter: [promoterMetrics, busMetrics],
  'argo-watcher': [watcherMetrics, busMetrics],
};

const metricSchema = z.object({
  name: z.string(),
  help: z.string(),
  type: z.string(),
  // Not in prom-client's types, but there on every metric.
  labelNames: z.array(z.string()),
});
type Metric = z.infer<typeof metricSchema>;

/** Every metric of our own, with the services that register it. */
export function registeredMetrics(): (Metric & { services: string[] })[] {
  const found = new Map<string, Metric & { services: string[] }>();
  for (const [service, registrars] of Object.entries(registrations)) {
    const registry = new Registry();
    for (const register of registrars) register(registry);
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

Each service answers Prometheus on \`/metrics\` of its status port (\`K8STA_STATUS_PORT\`, 9090). Beside what stands here there are
prom-client's metrics of the process and of Node.js (\`process_…\`, \`nodejs_…\`).

Any number of replicas may run. What a **counter or histogram** counts was done by one of them: sum over the replicas. A **gauge** of
the tracker is what each replica saw last of the same Tracks: never sum; its meaning says what to take.

No label is ever an image, a tag, a Ticket or a text from outside; what is wrong with one Ticket is in its \`reason\`
([operations.md](operations.md)).`;

function labels(): string {
  const failures = (options: readonly string[]) => options.map(code).join(', ');
  return [
    '## What the labels may be',
    table(
      ['label', 'values'],
      [
        ['`track`, `station`', 'the names in the tracks files'],
        ['`type`', 'the type of an event, as in [events.md](events.md)'],
        ['`question`', 'the subject of a question, as in [events.md](events.md#questions)'],
        ['`sender`', "the name in the webhook's path; `unknown` where it was not authenticated"],
        ['`argo_instance`', 'each of `K8STA_ARGO_INSTANCES`'],
        [
          '`outcome` of `k8sta_tracker_tickets_ended_total`',
          `\`completed\`, \`superseded\`, or a failure: ${failures(ticketFailure.options)}`,
        ],
        [
          '`outcome` of `k8sta_promoter_parts_total`',
          `\`committed\`, \`unchanged\`, or a failure: ${failures(promotionFailure.options)}`,
        ],
        ['`outcome` of `k8sta_ingest_…`', 'the next table'],
        ['any other', "named in the metric's meaning"],
      ],
    ),
    'What becomes of a webhook:',
    table(
      ['`outcome`', 'HTTP', 'meaning'],
      Object.entries(outcomes).map(([outcome, { status, meaning }]) => [code(outcome), String(status), prose(meaning)]),
    ),
  ].join('\n\n');
}

const questions = `## What to ask

\`\`\`promql
# How long an image takes to production, for nine of ten Tickets of the last day
histogram_quantile(0.9, sum by (track, le) (rate(k8sta_tracker_ride_seconds_bucket[1d])))

# Where the time goes: the mean of each part, by Station
sum by (track, station) (rate(k8sta_tracker_sync_seconds_sum[1d])) / sum by (track, station) (rate(k8sta_tracker_sync_seconds_count[1d]))

# What is under way
max by (track, state) (k8sta_tracker_tickets)
\`\`\`

Worth an alert:

\`\`\`promql
# A Ticket has been waiting for an hour: its reason says for what
max by (track) (k8sta_tracker_oldest_waiting_seconds) > 3600

# A Ticket has failed
sum by (track, outcome) (increase(k8sta_tracker_tickets_ended_total{outcome!~"completed|superseded"}[10m])) > 0

# A message can never be handled
sum by (job, reason) (increase(k8sta_bus_dead_letters_total[10m])) > 0

# Nothing arrives, because nobody knows what Argo CD does
min by (argo_instance) (k8sta_tracker_observation_age_seconds) > 60

# Webhooks are turned away that should have been taken
sum by (outcome) (increase(k8sta_ingest_webhooks_total{outcome=~"notStored|defect"}[10m])) > 0

# The tracker and the promoter do not hear each other
sum by (question) (rate(k8sta_bus_questions_total{outcome!="answered"}[10m])) > 0.1
\`\`\``;
