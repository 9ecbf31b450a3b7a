import assert from 'node:assert/strict';
import type { Application } from './application.js';
import { deploymentsOf, healthOf, isReleased, statesIn } from './scenario.fixture.js';
import { fastClock, refresh, release, startWorld, type World } from './world.fixture.js';

describe('the health in a scenario', () => {
  let world: World;

  beforeEach(async () => {
    world = await startWorld({ clock: fastClock() });
    await world.argo.ready();
  });
  afterEach(() => world.stop());

  it('slow: Progressing for the given time', async () => {
    const { states } = await statesIn(world, { kind: 'slow', rolloutMs: 300 }, isReleased);
    const { status } = states.at(-1) as Application;
    const tookMs = Date.parse(status?.health?.lastTransitionTime ?? '') - Date.parse(status?.reconciledAt ?? '');
    assert.ok(tookMs >= 290_000, `${tookMs}`);
  });

  it('staleHealth: Synced and the old Healthy, compared before the operation ended', async () => {
    const { states, briefs, commit } = await statesIn(
      world,
      { kind: 'staleHealth', staleMs: 50 },
      (last) => healthOf(last) === 'Healthy' && (last.status?.summary?.images ?? []).join() === 'acme/web:1.1.0',
    );
    assert.deepEqual(briefs, [
      '- Synced Healthy Succeeded',
      'operation Synced Healthy -',
      'operation Synced Healthy Running',
      'operation OutOfSync Healthy Running',
      'operation Synced Healthy Running',
      '- Synced Healthy Succeeded',
      '- Synced Progressing Succeeded',
      '- Synced Healthy Succeeded',
    ]);
    const stale = states.find((each) => !each.operation && each.status?.sync?.revision === commit)?.status;
    assert.ok((stale?.reconciledAt ?? '') < (stale?.operationState?.finishedAt ?? ''), 'must not be trusted');
    assert.ok((states.at(-1)?.status?.reconciledAt ?? '') >= (stale?.operationState?.finishedAt ?? ''));
  });

  it('staleHealth: a refresh shows the true health, here Degraded', async () => {
    const { argo } = world;
    await statesIn(
      world,
      { kind: 'staleHealth', staleMs: 60_000, truth: 'degraded' },
      (last) => !last.operation && deploymentsOf(last) === 2,
    );
    refresh(argo, 'dev');
    await argo.until('dev', (application) => healthOf(application) === 'Degraded');
  });

  it('degraded: the rollout ends Degraded, the operation Succeeded', async () => {
    const { briefs } = await statesIn(world, { kind: 'degraded' }, (last) => healthOf(last) === 'Degraded');
    assert.deepEqual(briefs.slice(-2), ['- Synced Progressing Succeeded', '- Synced Degraded Succeeded']);
  });

  it('degradedThenHealed: Degraded for a while', async () => {
    const { briefs } = await statesIn(world, { kind: 'degradedThenHealed', degradedMs: 20 }, isReleased);
    assert.deepEqual(briefs.slice(-3), [
      '- Synced Progressing Succeeded',
      '- Synced Degraded Succeeded',
      '- Synced Healthy Succeeded',
    ]);
  });

  describe('suspended', () => {
    it('stays Suspended', async () => {
      const { briefs } = await statesIn(world, { kind: 'suspended' }, (last) => healthOf(last) === 'Suspended');
      assert.deepEqual(briefs.slice(-2), ['- Synced Progressing Succeeded', '- Synced Suspended Succeeded']);
    });

    it('continues after a while', async () => {
      const { briefs } = await statesIn(world, { kind: 'suspended', forMs: 20 }, isReleased);
      assert.deepEqual(briefs.slice(-2), ['- Synced Suspended Succeeded', '- Synced Healthy Succeeded']);
    });
  });

  it('a scenario that is given at the start applies after the first deployment', async () => {
    await world.stop();
    world = await startWorld({ scenarios: { dev: { kind: 'degraded' } } });
    await world.argo.ready();
    await release(world, 'dev', '1.1.0');
    await world.argo.until('dev', (application) => healthOf(application) === 'Degraded');
  });
});
