import assert from 'node:assert/strict';
import { until } from '../until.js';
import type { Application } from './application.js';
import { isReleased, statesIn } from './scenario.fixture.js';
import { record, refresh, release, startWorld, type World } from './world.fixture.js';

describe('the revision in a scenario', () => {
  let world: World;

  beforeEach(async () => {
    world = await startWorld();
    await world.argo.ready();
  });
  afterEach(() => world.stop());

  describe('comparisonError', () => {
    it('lasts until a commit changes the path again', async () => {
      const { argo } = world;
      const { states } = await statesIn(
        world,
        { kind: 'comparisonError' },
        (last) => last.status?.sync?.status === 'Unknown',
      );
      const { status } = states.at(-1) as Application;
      assert.deepEqual([status?.sync?.revision, status?.sourceType], ['main', undefined]);
      assert.deepEqual([status?.health?.status, status?.resources?.[0]?.status], ['Healthy', 'Unknown']);
      const commit = await release(world, 'dev', '1.1.1');
      const fixed = await argo.until('dev', isReleased);
      assert.deepEqual([fixed.status?.sync?.revision, fixed.status?.conditions], [commit, undefined]);
    });

    it('lasts for a while, and is repeated from the cache', async () => {
      const { argo } = world;
      await statesIn(
        world,
        { kind: 'comparisonError', forMs: 60_000 },
        (last) => last.status?.sync?.status === 'Unknown',
      );
      refresh(argo, 'dev');
      await argo.until('dev', ({ status }) =>
        /desc = Manifest generation error \(cached\): `kustomize build/.test(status?.conditions?.[0]?.message ?? ''),
      );
    });
  });

  describe('laterCommitWins', () => {
    it('makes another commit before Argo CD polls', async () => {
      const { repository } = world;
      const { commit, states } = await statesIn(world, { kind: 'laterCommitWins', repository }, isReleased);
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

  it('deleted: gone instead of synced', async () => {
    const { argo } = world;
    argo.setScenario('dev', { kind: 'deleted' });
    const recorded = await record(argo, 'dev');
    await release(world, 'dev', '1.1.0');
    await until(() => recorded.types.at(-1) === 'DELETED');
    assert.equal(argo.application('dev'), undefined);
  });

  it('noRenderedChange: Synced at the new revision without an operation', async () => {
    const { briefs, commit, states } = await statesIn(
      world,
      { kind: 'noRenderedChange' },
      (last) => !last.metadata.annotations?.['argocd.argoproj.io/refresh'],
    );
    assert.deepEqual(briefs, ['- Synced Healthy Succeeded']);
    const { status } = states.at(-1) as Application;
    assert.equal(status?.sync?.revision, commit);
    assert.notEqual(status?.operationState?.syncResult?.revision, commit);
  });
});
