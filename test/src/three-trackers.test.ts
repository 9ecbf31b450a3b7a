import assert from 'node:assert/strict';
import { type Service, until } from '@k8sta/sandbox';
import { sharedSystem } from './shared-system.js';
import type { TestSystem } from './test-system.js';
import { assertAllRodeOn, lines, type Rider, threeRiders } from './three-lines.js';

describe('three trackers', () => {
  let railway: TestSystem;
  let trackers: Service[];

  before(async () => {
    railway = await sharedSystem('threeLines');
    trackers = [railway.services.tracker, await railway.replica('tracker'), await railway.replica('tracker')];
    const knowsAll = (tracker: Service) => /"replicas":\["[^"]+","[^"]+","[^"]+"\]/.test(tracker.lastOutput());
    await until(() => trackers.every(knowsAll), { what: 'each tracker knowing the others' });
  });

  async function count(tracker: Service, metric: string): Promise<number> {
    const text = await (await fetch(`${tracker.statusUrl}/metrics`)).text();
    const sample = text.split('\n').find((line) => line.startsWith(`${metric} `));
    return Number(sample?.slice(metric.length + 1) ?? 0);
  }

  async function total(metric: string): Promise<number> {
    const counts = await Promise.all(trackers.map((tracker) => count(tracker, metric)));
    return counts.reduce((sum, each) => sum + each, 0);
  }

  const steps = (outcome: string) => `k8sta_tracker_steps_total{outcome="${outcome}"}`;
  const passedOn = (outcome: string) =>
    `k8sta_bus_questions_total{question="k8sta.replica.tracker.{replica}.event",outcome="${outcome}"}`;

  /** The tracker that has decided most since these counts: it owns a Track. */
  async function anOwner(): Promise<Service> {
    const saved = await Promise.all(trackers.map((tracker) => count(tracker, steps('saved'))));
    const owner = trackers[saved.indexOf(Math.max(...saved))];
    assert.ok(owner);
    return owner;
  }

  const push = (tag: string): Promise<Rider[]> =>
    Promise.all(lines.map(async (line) => ({ line, ticket: await railway.pushUntilAccepted(tag, line.image) })));

  it('share the Tracks: hardly any step is decided twice, since each event goes to the owner of its Track', async () => {
    const before = { saved: await total(steps('saved')), raced: await total(steps('raced')) };
    for (const tag of ['3.0.1', '3.0.2']) await assertAllRodeOn(railway, await push(tag));
    const saved = (await total(steps('saved'))) - before.saved;
    const raced = (await total(steps('raced'))) - before.raced;
    assert.ok(saved > 50, `${saved} steps`);
    // Without owners it is more than half. On a busy machine an owner is sometimes slow, and then another one decides, too.
    assert.ok(raced <= saved * 0.1, `${raced} of ${saved} steps were decided twice`);
    assert.ok((await total(passedOn('answered'))) > 20);
  });

  it('go on when one of them is killed in mid-ride', async () => {
    const riders = await threeRiders(railway, '3.1.0');
    const victim = await anOwner();
    await victim.kill();
    trackers = trackers.filter((tracker) => tracker !== victim);
    await assertAllRodeOn(railway, riders);
    // Those that are left share the Tracks again.
    await assertAllRodeOn(railway, await push('3.1.1'));
  });
});
