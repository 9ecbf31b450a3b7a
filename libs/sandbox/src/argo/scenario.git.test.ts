import assert from 'node:assert/strict';
import { until } from '../until.js';
import { type Application, refreshAnnotation } from './application.js';
import type { ArgoCdOptions } from './argo-cd.js';
import type { Scenario } from './scenario.js';
import { isDeployed } from './until-application.js';
import { brief, record, refresh, release, startWorld, type World } from './world.fixture.js';

describe('scenarios of the Argo CD stand-in', () => {
  let world: World;

  async function start(options?: ArgoCdOptions): Promise<void> {
    world = await startWorld(options);
    await world.argo.ready();
  }

  beforeEach(() => start());
  afterEach(() => world.stop());

  /** The states after a release in this scenario, up to the wanted one, without immediate repetitions. */
  async function statesOf(scenario: Scenario, isLast: (application: Application) => boolean, name = 'dev') {
    const { argo } = world;
    argo.setScenario(name, scenario);
    const { states } = await record(argo, name);
    const commit = await release(world, name, '1.1.0');
    await until(() => states.at(-1) && isLast(states.at(-1) as Application), { what: `the end of ${scenario.kind}` });
    const briefs = states.map(brief);
    return { commit, states, briefs: briefs.filter((each, index) => each !== briefs[index - 1]) };
  }

  const phase = ({ status }: Application) => status?.operationState?.phase;
  const health = ({ status }: Application) => status?.health?.status;
  const deployments = ({ status }: Application) => status?.history?.length;
  /** The release has been deployed, and Argo CD is at rest. */
  const isReleased = (application: Application) => deployments(application) === 2 && isDeployed(application);

  it('slow: Progressing for the given time', async () => {
    const { states } = await statesOf({ kind: 'slow', rolloutMs: 2_000 }, isReleased);
    const { status } = states.at(-1) as Application;
    const tookMs = Date.parse(status?.health?.lastTransitionTime ?? '') - Date.parse(status?.reconciledAt ?? '');
    assert.ok(tookMs >= 1_000, `${tookMs}`);
  });

  it('staleHealth: Synced and the old Healthy, compared before the operation ended', async () => {
    const { states, briefs, commit } = await statesOf(
      { kind: 'staleHealth', staleMs: 50 },
      (last) => health(last) === 'Healthy' && (last.status?.summary?.images ?? []).join() === 'acme/web:1.1.0',
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
    await statesOf(
      { kind: 'staleHealth', staleMs: 60_000, truth: 'degraded' },
      (last) => !last.operation && deployments(last) === 2,
    );
    refresh(argo, 'dev');
    await argo.until('dev', (application) => health(application) === 'Degraded');
  });

  it('degraded: the rollout ends Degraded, the operation Succeeded', async () => {
    const { briefs } = await statesOf({ kind: 'degraded' }, (last) => health(last) === 'Degraded');
    assert.deepEqual(briefs.slice(-2), ['- Synced Progressing Succeeded', '- Synced Degraded Succeeded']);
  });

  it('degradedThenHealed: Degraded for a while', async () => {
    const { briefs } = await statesOf({ kind: 'degradedThenHealed', degradedMs: 20 }, isReleased);
    assert.deepEqual(briefs.slice(-3), [
      '- Synced Progressing Succeeded',
      '- Synced Degraded Succeeded',
      '- Synced Healthy Succeeded',
    ]);
  });

  describe('syncFailsThenRetries', () => {
    it('is Running with finishedAt between attempts, then Succeeded', async () => {
      const { states } = await statesOf({ kind: 'syncFailsThenRetries', failures: 2, retryMs: 20 }, isReleased);
      const waiting = states
        .map(({ status }) => status?.operationState)
        .filter((each) => each?.phase === 'Running' && each.finishedAt);
      assert.deepEqual([...new Set(waiting.map((each) => each?.retryCount))], [1, 2]);
      assert.match(waiting[0]?.message ?? '', /Retrying attempt #1 at/);
    });

    it('is Failed after the last retry, and does not retry that commit', async () => {
      const { argo } = world;
      const { commit, states } = await statesOf(
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
      await argo.until('dev', (application) => phase(application) === 'Succeeded');
    });
  });

  describe('suspended', () => {
    it('stays Suspended', async () => {
      const { briefs } = await statesOf({ kind: 'suspended' }, (last) => health(last) === 'Suspended');
      assert.deepEqual(briefs.slice(-2), ['- Synced Progressing Succeeded', '- Synced Suspended Succeeded']);
    });

    it('continues after a while', async () => {
      const { briefs } = await statesOf({ kind: 'suspended', forMs: 20 }, isReleased);
      assert.deepEqual(briefs.slice(-2), ['- Synced Suspended Succeeded', '- Synced Healthy Succeeded']);
    });
  });

  it('hookFailsThenRetries: applies nothing until the hook succeeds', async () => {
    const { states } = await statesOf({ kind: 'hookFailsThenRetries', failures: 1, retryMs: 20 }, isReleased);
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
      const { states } = await statesOf({ kind: 'controllerKilled', during: 'rollout', forMs: 300 }, isReleased);
      const [before, after] = states.slice(-2).map(({ status }) => status);
      assert.deepEqual([before?.health?.status, after?.health?.status], ['Progressing', 'Healthy']);
      // One write by a comparison; an event of the cluster would not change reconciledAt.
      assert.deepEqual([before?.summary?.images?.length, after?.summary?.images?.length], [2, 1]);
    });
  });

  describe('window', () => {
    it('blocks an automatic sync without a message until the window opens', async () => {
      const { argo } = world;
      const { states, commit } = await statesOf(
        { kind: 'window' },
        (last) => last.status?.sync?.status === 'OutOfSync',
      );
      assert.deepEqual([states.at(-1)?.operation, states.at(-1)?.status?.conditions], [undefined, undefined]);
      argo.setScenario('dev', { kind: 'healthy' });
      refresh(argo, 'dev');
      const { status } = await argo.until('dev', isReleased);
      assert.equal(status?.sync?.revision, commit);
    });

    it('opens by itself', async () => {
      await statesOf({ kind: 'window', forMs: 50 }, isReleased);
    });

    it('blocks a sync that a person requests, with a message in the operation', async () => {
      const { argo } = world;
      const { commit } = await statesOf({ kind: 'window' }, (last) => last.status?.sync?.status === 'OutOfSync');
      argo.changeApplication('dev', (application) => {
        application.operation = { sync: { revision: commit }, initiatedBy: { username: 'alice' } };
      });
      await argo.until('dev', ({ status }) => /blocked by sync window/.test(status?.operationState?.message ?? ''));
      argo.setScenario('dev', { kind: 'healthy' });
      await argo.until('dev', isReleased);
    });
  });

  it('selfHeal: a second, partial operation of the same revision, which is not in the history', async () => {
    const { states, commit } = await statesOf(
      { kind: 'selfHeal' },
      (last) => isReleased(last) && last.status?.operationState?.operation.sync?.autoHealAttemptsCount === 1,
    );
    const { status } = states.at(-1) as Application;
    assert.equal(status?.operationState?.operation.sync?.revision, commit);
    assert.match(status?.operationState?.syncResult?.resources?.[0]?.message ?? '', /unchanged/);
  });

  describe('comparisonError', () => {
    it('lasts until a commit changes the path again', async () => {
      const { argo } = world;
      const { states } = await statesOf({ kind: 'comparisonError' }, (last) => last.status?.sync?.status === 'Unknown');
      const { status } = states.at(-1) as Application;
      assert.deepEqual([status?.sync?.revision, status?.sourceType], ['main', undefined]);
      assert.deepEqual([status?.health?.status, status?.resources?.[0]?.status], ['Healthy', 'Unknown']);
      const commit = await release(world, 'dev', '1.1.1');
      const fixed = await argo.until('dev', isReleased);
      assert.deepEqual([fixed.status?.sync?.revision, fixed.status?.conditions], [commit, undefined]);
    });

    it('lasts for a while, and is repeated from the cache', async () => {
      const { argo } = world;
      await statesOf({ kind: 'comparisonError', forMs: 60_000 }, (last) => last.status?.sync?.status === 'Unknown');
      refresh(argo, 'dev');
      await argo.until('dev', ({ status }) =>
        /desc = Manifest generation error \(cached\): `kustomize build/.test(status?.conditions?.[0]?.message ?? ''),
      );
    });
  });

  it('postSyncHookFails: Failed, although Synced and Healthy', async () => {
    const { states } = await statesOf(
      { kind: 'postSyncHookFails', hook: 'smoke' },
      (last) => phase(last) === 'Failed' && last.status?.sync?.status === 'Synced',
    );
    const { operation, status } = states.at(-1) as Application;
    assert.deepEqual([operation, status?.health?.status], [undefined, 'Healthy']);
    const hook = status?.operationState?.syncResult?.resources?.at(-1);
    assert.deepEqual([hook?.name, hook?.hookType, hook?.hookPhase], ['smoke', 'PostSync', 'Failed']);
    const running = states.filter((each) => phase(each) === 'Running').at(-1);
    assert.match(running?.status?.operationState?.message ?? '', /waiting for completion of hook batch\/Job\/smoke/);
  });

  describe('laterCommitWins', () => {
    it('makes another commit before Argo CD polls', async () => {
      const { repository } = world;
      const { commit, states } = await statesOf({ kind: 'laterCommitWins', repository }, isReleased);
      const tip = await repository.tip();
      assert.notEqual(tip, commit);
      assert.deepEqual((await repository.log()).at(-1)?.parents, [commit]);
      assert.ok(states.every(({ status }) => status?.sync?.revision !== commit));
      assert.equal(states.at(-1)?.status?.sync?.revision, tip);
    });

    it('waits for a later commit if it cannot make one', async () => {
      const { argo, git, repository } = world;
      argo.setScenario('dev', { kind: 'laterCommitWins' });
      const { states } = await record(argo, 'dev');
      let looks = 0;
      git.intercept(({ step }) => {
        if (step === 'advertise') looks++;
        return undefined;
      });
      await release(world, 'dev', '1.1.0');
      await until(() => looks > 2, { what: 'another look at the remote' });
      const tip = await repository.commit({ files: { 'NOTES.md': '' }, message: 'Later' });
      await argo.until('dev', isReleased);
      await until(() => states.at(-1)?.status?.sync?.revision === tip);
      assert.equal(new Set(states.map(({ status }) => status?.sync?.revision)).size, 2, 'the old one and the later');
    });
  });

  it('autoSyncOff: stays OutOfSync until a person syncs it or enables auto-sync', async () => {
    const { argo } = world;
    const { states } = await statesOf({ kind: 'autoSyncOff' }, (last) => last.status?.sync?.status === 'OutOfSync');
    assert.equal(states.at(-1)?.spec.syncPolicy?.automated?.enabled, false);
    assert.equal(states.at(-1)?.operation, undefined);
    refresh(argo, 'dev');
    await argo.until('dev', ({ metadata }) => !metadata.annotations?.['argocd.argoproj.io/refresh']);
    assert.equal(argo.application('dev')?.operation, undefined);
    argo.setScenario('dev', { kind: 'healthy' });
    await argo.until('dev', (application) => deployments(application) === 2);
  });

  it('an Application without automatic sync is deployed once, by a person', async () => {
    const { argo, repository } = world;
    const source = { repoURL: repository.url, targetRevision: 'main', path: 'prod' };
    argo.createApplication({ ...source, name: 'manual', namespace: 'team', autoSync: false });
    await argo.ready(['team/manual']);
    const { status } = argo.application('team/manual') as Application;
    assert.deepEqual(
      status?.history?.map(({ initiatedBy }) => initiatedBy),
      [{ username: 'admin' }],
    );
    assert.equal(status?.controllerNamespace, 'argocd');
    await release(world, 'prod', '1.1.0');
    refresh(argo, 'team/manual');
    await argo.until('team/manual', (application) => application.status?.sync?.status === 'OutOfSync');
  });

  it('deleted: gone instead of synced', async () => {
    const { argo } = world;
    argo.setScenario('dev', { kind: 'deleted' });
    const recorded = await record(argo, 'dev');
    await release(world, 'dev', '1.1.0');
    await until(() => recorded.types.at(-1) === 'DELETED');
    assert.equal(argo.application('dev'), undefined);
  });

  it('noRenderedChange: Synced at the new revision without an operation', async () => {
    const { briefs, commit, states } = await statesOf(
      { kind: 'noRenderedChange' },
      (last) => !last.metadata.annotations?.['argocd.argoproj.io/refresh'],
    );
    assert.deepEqual(briefs, ['- Synced Healthy Succeeded']);
    const { status } = states.at(-1) as Application;
    assert.equal(status?.sync?.revision, commit);
    assert.notEqual(status?.operationState?.syncResult?.revision, commit);
  });

  it('a scenario that is given at the start applies after the first deployment', async () => {
    await world.stop();
    await start({ scenarios: { dev: { kind: 'degraded' } } });
    await release(world, 'dev', '1.1.0');
    await world.argo.until('dev', (application) => health(application) === 'Degraded');
  });
});
