import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { type ServiceName, until } from '@k8sta/sandbox';
import { sharedSystem } from './shared-system.js';
import type { TestSystem } from './test-system.js';

/** What the four services say of themselves after one ride, and what docs/metrics.md says of them. */
describe('the metrics, after a ride', () => {
  let railway: TestSystem;
  let ticket: string;

  before(async () => {
    railway = await sharedSystem('plain');
    ticket = await railway.pushUntilAccepted('1.4.2');
    await railway.tap.completed(ticket);
  });

  const scrape = async (service: ServiceName): Promise<string> =>
    (await fetch(`${railway.services[service].statusUrl}/metrics`)).text();

  /** Waits for a sample: what is counted after the last event is counted a moment later. */
  async function value(service: ServiceName, sample: string, is: (value: number) => boolean): Promise<void> {
    let found: number | undefined;
    const look = async () => {
      const line = (await scrape(service)).split('\n').find((each) => each.startsWith(`${sample} `));
      found = line === undefined ? undefined : Number(line.slice(sample.length + 1));
      return found !== undefined && is(found);
    };
    await until(look, { what: sample, deadlineMs: 10_000 }).catch((error: Error) => {
      throw new Error(`${error.message}; it was ${found}`);
    });
  }

  it('are the documented ones, each on the services that the document names', async () => {
    const documented = documentedMetrics(await readFile(new URL('../../docs/metrics.md', import.meta.url), 'utf8'));
    for (const service of ['ingest', 'tracker', 'promoter', 'argo-watcher'] as const) {
      const said = [...(await scrape(service)).matchAll(/^# TYPE (k8sta_\w+) (\w+)$/gm)].map(([, name, type]) => [
        name,
        type,
      ]);
      assert.deepEqual(
        said.sort(),
        documented
          .filter((each) => each.services.includes(service))
          .map(({ name, type }) => [name, type])
          .sort(),
        service,
      );
    }
  });

  it('count the webhook, the commits, the messages and the questions', async () => {
    await value('ingest', 'k8sta_ingest_webhooks_total{sender="dockerhub",outcome="opened"}', (n) => n === 1);
    await value('promoter', 'k8sta_promoter_parts_total{outcome="committed"}', (n) => n === 3);
    await value('promoter', 'k8sta_promoter_parts_total{outcome="Withdrawn"}', (n) => n === 0);
    await value('promoter', 'k8sta_promoter_promotion_seconds_count', (n) => n === 3);
    const promotions = '{type="promotion.requested",outcome="done"}';
    await value('promoter', `k8sta_bus_messages_total${promotions}`, (n) => n === 3);
    await value('tracker', 'k8sta_bus_messages_total{type="ticket.opened",outcome="done"}', (n) => n === 1);
    await value('argo-watcher', 'k8sta_bus_messages_total{type="promotion.committed",outcome="done"}', (n) => n === 3);
    const [asked, wanted] = ['k8sta.git.relation', 'k8sta.api.wanted'];
    await value('tracker', `k8sta_bus_questions_total{question="${asked}",outcome="answered"}`, (n) => n >= 4);
    await value('promoter', `k8sta_bus_questions_total{question="${wanted}",outcome="answered"}`, (n) => n === 3);
    for (const service of ['tracker', 'promoter', 'argo-watcher'] as const) {
      await value(service, 'k8sta_bus_dead_letters_total{reason="impossible"}', (n) => n === 0);
    }
  });

  it('tell the ride, no part of it longer than the whole, and that nobody rides any more', async () => {
    await value('tracker', 'k8sta_tracker_tickets_ended_total{track="storefront",outcome="completed"}', (n) => n === 1);
    await value('tracker', 'k8sta_tracker_ride_seconds_count{track="storefront"}', (n) => n === 1);
    const seconds = await sums('k8sta_tracker_ride_seconds');
    for (const [station, applications] of Object.entries(railway.line.stations)) {
      const at = `{track="storefront",station="${station}"}`;
      await value('tracker', `k8sta_tracker_commit_seconds_count${at}`, (n) => n === 1);
      await value('tracker', `k8sta_tracker_sync_seconds_count${at}`, (n) => n === applications.length);
      await value('tracker', `k8sta_tracker_health_seconds_count${at}`, (n) => n === applications.length);
      for (const part of ['commit', 'sync', 'health']) {
        await value(
          'tracker',
          `k8sta_tracker_${part}_seconds_sum${at}`,
          (n) => n >= 0 && n <= seconds * applications.length,
        );
      }
    }
    for (const state of ['waiting', 'promoting', 'syncing']) {
      await value('tracker', `k8sta_tracker_tickets{track="storefront",state="${state}"}`, (n) => n === 0);
    }
    await value('tracker', 'k8sta_tracker_oldest_waiting_seconds{track="storefront"}', (n) => n === 0);
    await value('tracker', 'k8sta_tracker_deployments_total{track="storefront"}', (n) => n === 1);
    await value('tracker', 'k8sta_tracker_arrivals_total{track="storefront",station="dev"}', (n) => n === 1);
    const failed = '{track="storefront",station="prod",outcome="failed"}';
    await value('tracker', `k8sta_tracker_station_failures_total${failed}`, (n) => n === 0);
    for (const service of ['ingest', 'tracker', 'promoter', 'argo-watcher'] as const) {
      await value(service, 'k8sta_service_ready{check="nats"}', (n) => n === 1);
    }
  });

  it('say how current the picture is', async () => {
    await value('tracker', 'k8sta_tracker_observation_age_seconds{argo_instance="default"}', (n) => n >= 0 && n < 60);
    await value('argo-watcher', 'k8sta_watcher_lag_seconds', (n) => n >= 0 && n < 60);
    await value('argo-watcher', 'k8sta_watcher_applications', (n) => n === 4);
    await value('argo-watcher', 'k8sta_watcher_lists_total', (n) => n === 1);
  });

  it('are read from what the tracker holds: a new process says what the one before it knew', async () => {
    const { promoter, tracker } = railway.services;
    await promoter.kill();
    const promoting = await railway.pushUntilAccepted('1.4.3');
    await value('tracker', 'k8sta_tracker_tickets{track="storefront",state="promoting"}', (n) => n === 1);
    await tracker.kill();
    await tracker.restart();
    await tracker.ready();
    await value('tracker', 'k8sta_tracker_tickets{track="storefront",state="promoting"}', (n) => n === 1);
    await promoter.restart();
    await railway.tap.completed(promoting);
    await value('tracker', 'k8sta_tracker_tickets{track="storefront",state="promoting"}', (n) => n === 0);
  });

  it('hold no image, no tag and no Ticket', async () => {
    for (const service of ['ingest', 'tracker', 'promoter', 'argo-watcher'] as const) {
      const text = await scrape(service);
      for (const foreign of [ticket, '1.4.2', 'acme', 'storefront-dev']) assert.ok(!text.includes(foreign), foreign);
    }
  });

  /** The sum of a histogram over all of its labels. */
  async function sums(name: string): Promise<number> {
    const found = [...(await scrape('tracker')).matchAll(new RegExp(`^${name}_sum\\S* (\\S+)$`, 'gm'))];
    return found.reduce((sum, [, each]) => sum + Number(each), 0);
  }
});

interface Documented {
  readonly name: string;
  readonly type: string;
  readonly services: readonly string[];
}

/** The tables of the document: a heading names the services, a row the metric and its type. */
function documentedMetrics(document: string): Documented[] {
  return document.split(/^## /m).flatMap((section) => {
    const [heading = '', ...lines] = section.split('\n');
    return lines.flatMap((line) => {
      const [, name, type] = /^\| `(k8sta_\w+)` \| (\w+) \|/.exec(line) ?? [];
      return name && type ? [{ name, type, services: heading.split(/, | and /) }] : [];
    });
  });
}
