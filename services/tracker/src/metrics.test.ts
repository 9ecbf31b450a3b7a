import assert from 'node:assert/strict';
import { Registry } from 'prom-client';
import { createMetrics, type Metrics } from './metrics.js';
import { anApplication, aTrack, sha, TestTrack } from './ride/ride.fixture.js';
import { emptyTrack } from './ride/state.js';

describe('the metrics of the tracker', () => {
  let registry: Registry;
  let line: TestTrack;
  let metrics: Metrics;
  let isOurs: boolean;

  beforeEach(() => {
    registry = new Registry();
    line = new TestTrack(aTrack({ dev: ['dev'], prod: ['prod'] }));
    const freshness = { currentAsOf: () => line.currentAsOf };
    isOurs = true;
    const owners = { isOurs: () => isOurs };
    const [tracks, instances] = [[line.track], ['default']];
    metrics = createMetrics(registry, { tracks, instances, freshness, owners, now: () => line.now });
  });

  async function samples(name: string): Promise<string[]> {
    const text = await registry.getSingleMetricAsString(name);
    return text.split('\n').filter((sample) => !sample.startsWith('#'));
  }

  it('count the Tickets of a Track by state, also those that another replica moved', async () => {
    line.observe(anApplication('dev', sha('0')), anApplication('prod', sha('0')));
    line.current();
    line.push('1.0.0');
    line.push('1.0.1', { pushedAt: new Date(line.now.getTime() + 1), sequence: 2 });
    metrics.saw(line.state);
    line.later(90_000);
    assert.deepEqual(await samples('k8sta_tracker_tickets'), [
      'k8sta_tracker_tickets{track="storefront",state="waiting"} 1',
      'k8sta_tracker_tickets{track="storefront",state="promoting"} 1',
      'k8sta_tracker_tickets{track="storefront",state="syncing"} 0',
      'k8sta_tracker_tickets{track="storefront",state="rollingBack"} 0',
    ]);
    assert.deepEqual(await samples('k8sta_tracker_oldest_waiting_seconds'), [
      'k8sta_tracker_oldest_waiting_seconds{track="storefront"} 90',
    ]);
    assert.deepEqual(await samples('k8sta_tracker_observation_age_seconds'), [
      'k8sta_tracker_observation_age_seconds{argo_instance="default"} 90',
    ]);
    metrics.saw(emptyTrack('storefront'));
    assert.match((await samples('k8sta_tracker_tickets')).join(), /state="waiting"} 0.*state="promoting"} 0/);
    assert.match((await samples('k8sta_tracker_oldest_waiting_seconds')).join(), / 0$/);
  });

  it('say nothing about a Track that another replica owns, although this one has seen it', async () => {
    line.observe(anApplication('dev', sha('0')), anApplication('prod', sha('0')));
    line.push('1.0.0');
    metrics.saw({ ...line.state, findings: [] });
    const readings = ['k8sta_tracker_tickets', 'k8sta_tracker_oldest_waiting_seconds', 'k8sta_tracker_findings'];
    for (const name of readings) assert.notDeepEqual(await samples(name), [], name);
    isOurs = false;
    for (const name of readings) assert.deepEqual(await samples(name), [], name);
  });

  it('do not report the age of observations before the first heartbeat', async () => {
    metrics.saw(emptyTrack('storefront'));
    assert.deepEqual(await samples('k8sta_tracker_observation_age_seconds'), []);
  });

  it('say how long the Ticket that waits longest for a reason has waited for it, only for reasons of now', async () => {
    line.observe(anApplication('dev', sha('0')), anApplication('prod', sha('0')));
    line.current();
    line.push('1.0.0');
    line.later(30_000);
    line.push('1.0.1', { sequence: 2 });
    metrics.saw(line.state);
    line.later(90_000);
    const of = (reason: string) => `k8sta_tracker_wait_seconds{track="storefront",reason="${reason}"}`;
    const expected = [`${of('CommitRequested')} 120`, `${of('BlockHeld')} 90`];
    assert.deepEqual((await samples('k8sta_tracker_wait_seconds')).sort(), expected.sort());
    metrics.saw(emptyTrack('storefront'));
    assert.deepEqual(await samples('k8sta_tracker_wait_seconds'), []);
  });

  it('count arrivals at each Station, and those at the last one as deployments', async () => {
    assert.deepEqual(await samples('k8sta_tracker_deployments_total'), [
      'k8sta_tracker_deployments_total{track="storefront"} 0',
    ]);
    metrics.took('storefront', [{ of: 'arrival', station: 'dev' }]);
    metrics.took('storefront', [{ of: 'arrival', station: 'prod' }]);
    metrics.took('storefront', [{ of: 'failure', station: 'prod', outcome: 'rolledBack' }]);
    assert.deepEqual(await samples('k8sta_tracker_arrivals_total'), [
      'k8sta_tracker_arrivals_total{track="storefront",station="dev"} 1',
      'k8sta_tracker_arrivals_total{track="storefront",station="prod"} 1',
    ]);
    assert.deepEqual(await samples('k8sta_tracker_deployments_total'), [
      'k8sta_tracker_deployments_total{track="storefront"} 1',
    ]);
    const failures = await samples('k8sta_tracker_station_failures_total');
    assert.equal(failures.length, 6, 'every Station and outcome has a series from the start');
    assert.ok(
      failures.includes(
        'k8sta_tracker_station_failures_total{track="storefront",station="prod",outcome="rolledBack"} 1',
      ),
    );
  });

  it('have a series for every outcome from the start', async () => {
    const of = (outcome: string) => `k8sta_tracker_tickets_ended_total{track="storefront",outcome="${outcome}"}`;
    const before = await samples('k8sta_tracker_tickets_ended_total');
    for (const outcome of ['completed', 'superseded', 'DeadlineExceeded', 'PromotionFailed']) {
      assert.ok(before.includes(`${of(outcome)} 0`), outcome);
    }
    metrics.took('storefront', [{ of: 'end', outcome: 'DeadlineExceeded' }]);
    assert.ok((await samples('k8sta_tracker_tickets_ended_total')).includes(`${of('DeadlineExceeded')} 1`));
  });

  it('observe the durations', async () => {
    metrics.took('storefront', [
      { of: 'commit', station: 'dev', seconds: 2 },
      { of: 'sync', station: 'dev', seconds: 45 },
      { of: 'health', station: 'dev', seconds: 90 },
      { of: 'ride', seconds: 137 },
    ]);
    for (const [name, seconds] of Object.entries({ commit: 2, sync: 45, health: 90, ride: 137 })) {
      const sum = (await samples(`k8sta_tracker_${name}_seconds`)).find((sample) => sample.includes('_sum'));
      assert.match(sum ?? '', new RegExp(`track="storefront".* ${seconds}$`), name);
    }
  });
});
