import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  deadReason,
  promotionFailure,
  terminalStates,
  ticketFailure,
  trackFinding,
  waitReason,
} from '@k8sta/contracts';
import { parse } from 'yaml';
import { z } from 'zod';
import { outcomes as webhookOutcomes } from '../services/ingest/src/outcome.js';
import { deliveryOutcomes } from '../services/notifier/src/metrics.js';
import { stationFailures } from '../services/tracker/src/projections/measure.js';
import { type Selector, selectorsOf } from './monitoring/promql.js';
import { registeredMetrics } from './reference/metrics.js';

const directory = new URL('../deploy/components/monitoring/', import.meta.url);
const rulesFile = new URL('rules.yaml', directory);

const rulesSchema = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^K8sta[A-Za-z]+$/),
          expr: z.string(),
          for: z.string().optional(),
          labels: z.strictObject({ severity: z.enum(['info', 'warning', 'critical']) }),
          annotations: z.strictObject({ summary: z.string(), runbook_url: z.string() }),
        }),
      ),
    }),
  ),
});

const dashboardSchema = z.looseObject({
  panels: z.array(
    z.looseObject({
      title: z.string(),
      description: z.string().optional(),
      targets: z.array(z.looseObject({ expr: z.string(), legendFormat: z.string() })).default([]),
    }),
  ),
  templating: z.looseObject({ list: z.array(z.looseObject({ type: z.string(), definition: z.string().optional() })) }),
});

/** Every series of each metric, and its labels. */
const registered = new Map(registeredMetrics().flatMap(seriesOf));

function seriesOf({ name, type, labelNames }: ReturnType<typeof registeredMetrics>[number]): [string, string[]][] {
  if (type !== 'histogram') return [[name, labelNames]];
  return [
    [`${name}_bucket`, [...labelNames, 'le']],
    [`${name}_sum`, labelNames],
    [`${name}_count`, labelNames],
  ];
}

/** The labels that Prometheus adds to what it scrapes. */
const scraped = ['job', 'namespace', 'pod', 'instance'];

/** The values of labels that queries compare with. */
const valuesOf: Record<string, readonly string[]> = {
  'k8sta_tracker_wait_seconds reason': waitReason.options,
  'k8sta_tracker_tickets_ended_total outcome': [...terminalStates, ...ticketFailure.options],
  'k8sta_tracker_station_failures_total outcome': stationFailures,
  'k8sta_tracker_findings reason': trackFinding.options,
  'k8sta_bus_dead_letters_total reason': deadReason.options,
  'k8sta_bus_questions_total outcome': ['answered', 'unanswered', 'failed'],
  'k8sta_promoter_parts_total outcome': ['committed', 'unchanged', ...promotionFailure.options],
  'k8sta_ingest_webhooks_total outcome': Object.keys(webhookOutcomes),
  'k8sta_notifier_deliveries_total outcome': deliveryOutcomes,
  'k8sta_service_ready check': ['nats', 'redis', 'storage'],
};

/** What is wrong with a metric in a query. */
function faultsOf({ name, matchers, groupedBy }: Selector): string[] {
  const labels = registered.get(name);
  if (!labels) return [`${name} is not registered`];
  const known = [...labels, ...scraped];
  const used = [...groupedBy, ...matchers.map(({ label }) => label)];
  return [
    ...used.filter((label) => !known.includes(label)).map((label) => `${name} has no label ${label}`),
    ...matchers.flatMap(({ label, value }) => {
      // A variable of the dashboard.
      if (value.startsWith('$')) return [];
      const values = valuesOf[`${name} ${label}`];
      if (!values) return [`add the values of ${name} ${label} to this test`];
      return value
        .split('|')
        .filter((each) => !values.includes(each))
        .map((each) => `${label} of ${name} is never ${each}`);
    }),
  ];
}

/** The label names in a legend or a template: `{{track}}`, `{{ $labels.track }}`. */
function namedIn(text: string): string[] {
  return [...text.matchAll(/\{\{\s*(?:\$labels\.)?([a-z_]+)\s*\}\}/g)].map(([, label = '']) => label);
}

describe('the alerts', () => {
  let rules: z.infer<typeof rulesSchema>['groups'][number]['rules'];

  before(async () => {
    rules = rulesSchema.parse(parse(await readFile(rulesFile, 'utf8'))).groups.flatMap((group) => group.rules);
    assert.ok(rules.length > 10);
  });

  it('query metrics, labels and values that the services register', () => {
    assert.deepEqual(
      rules.flatMap(({ alert, expr }) =>
        selectorsOf(expr).flatMap((each) => faultsOf(each).map((fault) => `${alert}: ${fault}`)),
      ),
      [],
    );
  });

  it('name in their summaries only labels that their queries keep', () => {
    for (const { alert, expr, annotations } of rules) {
      const kept = selectorsOf(expr).flatMap(({ groupedBy }) => groupedBy);
      for (const label of namedIn(annotations.summary)) assert.ok(kept.includes(label), `${alert}: ${label}`);
    }
  });

  it('leave the waits for a person to the alert about persons', () => {
    const reasonsOf = (name: string): string[] => {
      const { expr = '' } = rules.find(({ alert }) => alert === name) ?? {};
      return selectorsOf(expr).flatMap(({ matchers }) => matchers.flatMap(({ value }) => value.split('|')));
    };
    const left = new Set(reasonsOf('K8staTicketWaitsTooLong'));
    const persons = reasonsOf('K8staTicketWaitsForPerson');
    assert.ok(persons.includes('ProposalOpen'));
    assert.deepEqual(
      persons.filter((reason) => !left.has(reason)),
      [],
    );
  });

  it('have names of their own, and each its place in docs/operations.md', async () => {
    const names = rules.map(({ alert }) => alert);
    assert.equal(new Set(names).size, names.length);
    const text = await readFile(new URL('../docs/operations.md', import.meta.url), 'utf8');
    const documented = [...text.matchAll(/^### (K8sta[A-Za-z]+)$/gm)].map(([, name]) => name);
    assert.deepEqual(documented.sort(), [...names].sort());
    for (const { alert, annotations } of rules) {
      assert.equal(annotations.runbook_url, `docs/operations.md#${alert.toLowerCase()}`);
    }
  });

  it('are accepted by promtool', function () {
    const { error, status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', fileURLToPath(rulesFile)], {
      encoding: 'utf8',
    });
    // It is part of Prometheus. The tests above parse every query with the grammar of Prometheus.
    if (error) this.skip();
    assert.equal(status, 0, `${stdout}${stderr}`);
  });
});

describe('the dashboard', () => {
  let dashboard: z.infer<typeof dashboardSchema>;

  before(async () => {
    dashboard = dashboardSchema.parse(JSON.parse(await readFile(new URL('dashboard.json', directory), 'utf8')));
  });

  it('queries metrics, labels and values that the services register', () => {
    const faults = dashboard.panels.flatMap(({ title, targets }) =>
      targets.flatMap(({ expr }) =>
        selectorsOf(expr).flatMap((each) => faultsOf(each).map((fault) => `${title}: ${fault}`)),
      ),
    );
    assert.deepEqual(faults, []);
  });

  it('names in its legends only labels that the queries keep', () => {
    for (const { title, targets } of dashboard.panels) {
      for (const { expr, legendFormat } of targets) {
        const kept = selectorsOf(expr).flatMap(({ groupedBy }) => groupedBy);
        for (const label of namedIn(legendFormat)) assert.ok(kept.includes(label), `${title}: ${label}`);
      }
    }
  });

  it('shows every metric, and takes its variables from registered ones', () => {
    const shown = new Set(
      dashboard.panels.flatMap(({ targets }) =>
        targets.flatMap(({ expr }) => selectorsOf(expr).map(({ name }) => name)),
      ),
    );
    const unshown = registeredMetrics().filter(
      ({ name }) => ![name, `${name}_bucket`, `${name}_sum`].some((each) => shown.has(each)),
    );
    assert.deepEqual(
      unshown.map(({ name }) => name),
      ['k8sta_watcher_lists_total'],
    );
    const variables = dashboard.templating.list.flatMap(({ definition }) => definition ?? []);
    assert.ok(variables.length > 0);
    for (const definition of variables) {
      const [, name = '', label = ''] = /^label_values\((\w+), (\w+)\)$/.exec(definition) ?? [];
      assert.ok(registered.get(name)?.includes(label), definition);
    }
  });
});

describe('a query', () => {
  it('is refused if it is not PromQL, names another metric, label or value', () => {
    assert.throws(() => selectorsOf('sum by (track (k8sta_tracker_tickets)'), SyntaxError);
    const faults = (expression: string) => selectorsOf(expression).flatMap(faultsOf);
    assert.deepEqual(faults('k8sta_tracker_rides'), ['k8sta_tracker_rides is not registered']);
    assert.deepEqual(faults('k8sta_tracker_ride_seconds'), ['k8sta_tracker_ride_seconds is not registered']);
    assert.deepEqual(faults('max by (image) (k8sta_tracker_tickets)'), ['k8sta_tracker_tickets has no label image']);
    assert.deepEqual(faults('k8sta_tracker_wait_seconds{reason=~"Soaking|Bored"} > 1'), [
      'reason of k8sta_tracker_wait_seconds is never Bored',
    ]);
  });
});
