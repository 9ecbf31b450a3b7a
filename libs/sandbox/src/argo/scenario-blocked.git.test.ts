import assert from 'node:assert/strict';
import type { Application } from './application.js';
import { deploymentsOf, isReleased, statesIn } from './scenario.fixture.js';
import { refresh, release, startWorld, type World } from './world.fixture.js';

describe('a blocked sync in a scenario', () => {
  let world: World;

  beforeEach(async () => {
    world = await startWorld();
    await world.argo.ready();
  });
  afterEach(() => world.stop());

  describe('window', () => {
    it('blocks an automatic sync without a message until the window opens', async () => {
      const { argo } = world;
      const { states, commit } = await statesIn(
        world,
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
      await statesIn(world, { kind: 'window', forMs: 50 }, isReleased);
    });

    it('blocks a sync that a person requests, with a message in the operation', async () => {
      const { argo } = world;
      const { commit } = await statesIn(world, { kind: 'window' }, (last) => last.status?.sync?.status === 'OutOfSync');
      argo.changeApplication('dev', (application) => {
        application.operation = { sync: { revision: commit }, initiatedBy: { username: 'alice' } };
      });
      await argo.until('dev', ({ status }) => /blocked by sync window/.test(status?.operationState?.message ?? ''));
      argo.setScenario('dev', { kind: 'healthy' });
      await argo.until('dev', isReleased);
    });
  });

  it('autoSyncOff: stays OutOfSync until a person syncs it or enables auto-sync', async () => {
    const { argo } = world;
    const { states } = await statesIn(
      world,
      { kind: 'autoSyncOff' },
      (last) => last.status?.sync?.status === 'OutOfSync',
    );
    assert.equal(states.at(-1)?.spec.syncPolicy?.automated?.enabled, false);
    assert.equal(states.at(-1)?.operation, undefined);
    refresh(argo, 'dev');
    await argo.until('dev', ({ metadata }) => !metadata.annotations?.['argocd.argoproj.io/refresh']);
    assert.equal(argo.application('dev')?.operation, undefined);
    argo.setScenario('dev', { kind: 'healthy' });
    await argo.until('dev', (application) => deploymentsOf(application) === 2);
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
});
