import assert from 'node:assert/strict';
import { type Application, refreshAnnotation } from './application.js';
import { isReleased, phaseOf, statesIn } from './scenario.fixture.js';
import { brief, record, refresh, release, startWorld, type World } from './world.fixture.js';

describe('a sync in a scenario', () => {
  let world: World;

  beforeEach(async () => {
    world = await startWorld();
    await world.argo.ready();
  });
  afterEach(() => world.stop());

  describe('syncFailsThenRetries', () => {
    it('is Running with finishedAt between attempts, then Succeeded', async () => {
      const { states } = await statesIn(world, { kind: 'syncFailsThenRetries', failures: 2, retryMs: 20 }, isReleased);
      const waiting = states
        .map(({ status }) => status?.operationState)
        .filter((each) => each?.phase === 'Running' && each.finishedAt);
      assert.deepEqual([...new Set(waiting.map((each) => each?.retryCount))], [1, 2]);
      assert.match(waiting[0]?.message ?? '', /Retrying attempt #1 at/);
    });

    it('is Failed after the last retry, and does not retry that commit', async () => {
      const { argo } = world;
      const { commit, states } = await statesIn(
        world,
        { kind: 'syncFailsThenRetries', failures: 9, limit: 1, retryMs: 10 },
        (last) => (last.status?.conditions?.length ?? 0) > 0,
      );
      const { operation, status } = states.at(-1) as Application;
      assert.equal(operation, undefined);
      assert.deepEqual([status?.operationState?.phase, status?.operationState?.retryCount], ['Failed', 1]);
      assert.deepEqual(
        [status?.sync?.status, status?.sync?.revision, status?.health?.status],
        ['OutOfSync', commit, 'Healthy'],
      );
      assert.equal(status?.conditions?.[0]?.type, 'SyncError');
      assert.equal(status?.history?.length, 1);
      argo.setScenario('dev', { kind: 'healthy' });
      await release(world, 'dev', '1.1.1');
      await argo.until('dev', (application) => phaseOf(application) === 'Succeeded');
    });
  });

  it('hookFailsThenRetries: applies nothing until the hook succeeds', async () => {
    const { states } = await statesIn(world, { kind: 'hookFailsThenRetries', failures: 1, retryMs: 20 }, isReleased);
    const hooks = states.map(({ status }) => {
      const resource = status?.operationState?.syncResult?.resources?.[0];
      return resource?.hookPhase && `${resource.kind} ${resource.hookPhase}`;
    });
    assert.deepEqual(
      hooks.filter((each, index) => each && each !== hooks[index - 1]),
      ['Deployment Running', 'Job Running', 'Job Failed', 'Job Running', 'Job Succeeded'],
    );
    const { status } = states.at(-1) as Application;
    assert.deepEqual(
      [status?.operationState?.phase, status?.operationState?.retryCount, status?.conditions],
      ['Succeeded', 1, undefined],
    );
    assert.deepEqual(
      status?.resources?.map(({ kind, hook }) => [kind, hook]),
      [
        ['Deployment', undefined],
        ['Job', true],
      ],
    );
  });

  it('postSyncHookFails: Failed, although Synced and Healthy', async () => {
    const { states } = await statesIn(
      world,
      { kind: 'postSyncHookFails', hook: 'smoke' },
      (last) => phaseOf(last) === 'Failed' && last.status?.sync?.status === 'Synced',
    );
    const { operation, status } = states.at(-1) as Application;
    assert.deepEqual([operation, status?.health?.status], [undefined, 'Healthy']);
    const hook = status?.operationState?.syncResult?.resources?.at(-1);
    assert.deepEqual([hook?.name, hook?.hookType, hook?.hookPhase], ['smoke', 'PostSync', 'Failed']);
    const running = states.filter((each) => phaseOf(each) === 'Running').at(-1);
    assert.match(running?.status?.operationState?.message ?? '', /waiting for completion of hook batch\/Job\/smoke/);
  });

  describe('controllerKilled', () => {
    it('during the sync: the operation stays Running, and a refresh is not answered', async () => {
      const { argo } = world;
      argo.setScenario('dev', { kind: 'controllerKilled', forMs: 1_000 });
      await release(world, 'dev', '1.1.0');
      const isAsked = ({ metadata }: Application) => metadata.annotations?.[refreshAnnotation] !== undefined;
      const running = await argo.until('dev', (application) => !isAsked(application));
      assert.equal(brief(running), 'operation OutOfSync Healthy Running');
      const { states } = await record(argo, 'dev');
      refresh(argo, 'dev');
      await argo.until('dev', isReleased);
      const isSyncing = (application?: Application) => application && brief(application).startsWith('operation');
      assert.ok(states.filter(isSyncing).every(isAsked), 'answered while it was down');
    });

    it('during the rollout: Progressing until the controller is back', async () => {
      const { states } = await statesIn(world, { kind: 'controllerKilled', during: 'rollout', forMs: 300 }, isReleased);
      const [before, after] = states.slice(-2).map(({ status }) => status);
      assert.deepEqual([before?.health?.status, after?.health?.status], ['Progressing', 'Healthy']);
      // One write by a comparison; an event of the cluster would not change reconciledAt.
      assert.deepEqual([before?.summary?.images?.length, after?.summary?.images?.length], [2, 1]);
    });
  });

  it('selfHeal: a second, partial operation of the same revision, which is not in the history', async () => {
    const { states, commit } = await statesIn(
      world,
      { kind: 'selfHeal' },
      (last) => isReleased(last) && last.status?.operationState?.operation.sync?.autoHealAttemptsCount === 1,
    );
    const { status } = states.at(-1) as Application;
    assert.equal(status?.operationState?.operation.sync?.revision, commit);
    assert.match(status?.operationState?.syncResult?.resources?.[0]?.message ?? '', /unchanged/);
  });
});
