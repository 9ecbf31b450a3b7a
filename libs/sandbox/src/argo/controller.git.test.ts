import assert from 'node:assert/strict';
import { until } from '../until.js';
import type { Application } from './application.js';
import { refreshAnnotation } from './application.js';
import type { ArgoCd, ArgoCdOptions } from './argo-cd.js';
import { isDeployed } from './until-application.js';
import { brief, overlay, record, refresh, release, startWorld, type World } from './world.fixture.js';

describe('the controller of the Argo CD stand-in', () => {
  const worlds: World[] = [];
  let world: World;

  async function start(options?: ArgoCdOptions): Promise<World> {
    const started = await startWorld(options);
    worlds.push(started);
    await started.argo.ready();
    return started;
  }

  beforeEach(async () => {
    world = await start();
  });
  // Also after a failure: a server that keeps running prevents the test run from ending.
  afterEach(() => Promise.all(worlds.splice(0).map((each) => each.stop())));

  const isAt = (commit: string) => (application: Application) =>
    application.status?.sync?.revision === commit && application.status.sync.status === 'Synced';
  const isRefreshed = ({ metadata }: Application) => !metadata.annotations?.[refreshAnnotation];

  it('deploys a new Application from Git', async () => {
    const { argo, repository } = world;
    const { status, operation } = argo.application('dev') as Application;
    const tip = await repository.tip();
    assert.equal(operation, undefined);
    assert.deepEqual(
      [status?.sync?.status, status?.sync?.revision, status?.health?.status],
      ['Synced', tip, 'Healthy'],
    );
    assert.deepEqual(status?.summary?.images, ['acme/web:1.0.0']);
    assert.equal(status?.sourceType, 'Kustomize');
    assert.deepEqual(status?.resources, [
      {
        ...{ group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'dev', name: 'web' },
        status: 'Synced',
      },
    ]);
  });

  it('writes the status of a new commit in the order of the real controller', async () => {
    const { argo } = world;
    const old = argo.application('dev') as Application;
    const { states } = await record(argo, 'dev');
    const commit = await release(world, 'dev', '1.1.0');
    await until(() => states.length > 1 && isDeployed(states.at(-1) as Application));
    assert.deepEqual(states.map(brief), [
      '- Synced Healthy Succeeded', // the refresh annotation
      'operation Synced Healthy -', // the automatic sync is requested before the status is written
      'operation Synced Healthy Running',
      'operation OutOfSync Healthy Running', // the new revision, with the old health
      'operation OutOfSync Healthy Running', // the annotation is gone
      'operation OutOfSync Healthy Running', // the history
      '- OutOfSync Healthy Succeeded',
      '- Synced Progressing Succeeded',
      '- Synced Progressing Succeeded', // the old pods are gone
      '- Synced Healthy Succeeded',
    ]);
    const revisions = states.map(({ status }) => status?.sync?.revision);
    assert.deepEqual(revisions, [...Array(3).fill(old.status?.sync?.revision), ...Array(7).fill(commit)]);
    const [, asked, running, seen, answered, , done, synced, , healthy] = states;
    assert.deepEqual(asked?.operation?.sync?.revision, commit);
    assert.deepEqual(asked?.operation?.initiatedBy, { automated: true });
    assert.notEqual(seen?.metadata.annotations?.[refreshAnnotation], undefined);
    assert.deepEqual(answered?.metadata.annotations, {});
    assert.deepEqual(Object.keys(running?.status?.operationState ?? {}), ['operation', 'phase', 'startedAt']);
    assert.deepEqual(synced?.status?.summary?.images, ['acme/web:1.0.0', 'acme/web:1.1.0']);
    const { startedAt = '', finishedAt = '' } = done?.status?.operationState ?? {};
    assert.deepEqual(done?.status?.history?.[1], {
      ...{ id: 1, revision: commit, deployStartedAt: startedAt, deployedAt: finishedAt },
      ...{ source: old.spec.source, initiatedBy: { automated: true } },
    });
    assert.match(finishedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.ok((synced?.status?.reconciledAt ?? '') >= finishedAt);
    assert.equal(healthy?.status?.reconciledAt, synced?.status?.reconciledAt, 'a change of health does not move it');
    assert.deepEqual(healthy?.status?.summary?.images, ['acme/web:1.1.0']);
  });

  it('updates the revision of every Application on the branch, without an operation if nothing new is rendered', async () => {
    const { argo } = world;
    const old = argo.application('prod') as Application;
    const { states } = await record(argo, 'prod');
    const commit = await release(world, 'dev', '1.1.0');
    refresh(argo, 'prod');
    await argo.until('prod', isAt(commit));
    await argo.until('dev', isAt(commit));
    await until(() => states.at(-1)?.status?.sync?.revision === commit);
    assert.deepEqual([...new Set(states.map(brief))], ['- Synced Healthy Succeeded']);
    const { status } = argo.application('prod') as Application;
    assert.equal(status?.operationState?.syncResult?.revision, old.status?.sync?.revision, 'stays the old one');
    assert.deepEqual(status?.health, old.status?.health);
    assert.equal(status?.history?.length, 1);
  });

  it('notices a commit that changes two Applications by its poll', async () => {
    const polling = await start({ pollMs: 50 });
    const files = { 'dev/kustomization.yaml': overlay('2'), 'prod/kustomization.yaml': overlay('2') };
    const commit = await polling.repository.commit({ files, message: 'Both' });
    await Promise.all(['dev', 'prod'].map((name) => polling.argo.until(name, isAt(commit))));
  });

  it('does not roll out objects without containers: the health does not change', async () => {
    const { argo, repository } = world;
    const config = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n';
    const { states } = await record(argo, 'dev');
    const files = { 'base/c.yaml': config, 'base/kustomization.yaml': 'resources: [web.yaml, c.yaml]\n' };
    const commit = await repository.commit({ files, message: 'Config' });
    refresh(argo, 'dev');
    await argo.until('dev', isAt(commit));
    await until(() => states.at(-1)?.status?.sync?.status === 'Synced' && states.length > 3);
    assert.deepEqual([...new Set(states.map(({ status }) => status?.health?.status))], ['Healthy']);
    assert.equal(argo.application('dev')?.status?.history?.length, 2);
  });

  it('keeps the last ten deployments', async () => {
    for (let count = 1; count <= 11; count++) {
      await world.argo.until('dev', isAt(await release(world, 'dev', `1.0.${count}`)));
    }
    const ids = world.argo.application('dev')?.status?.history?.map(({ id }) => id);
    assert.deepEqual(ids, [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  describe('asked for a refresh', () => {
    it('removes the annotation after the comparison, and updates reconciledAt', async () => {
      let now = Date.now();
      const timed = await start({ clock: { now: () => now, sleep: async () => {} } });
      const before = timed.argo.application('dev')?.status?.reconciledAt ?? '';
      now += 5_000;
      refresh(timed.argo, 'dev');
      const after = await timed.argo.until('dev', isRefreshed);
      assert.equal(Date.parse(after.status?.reconciledAt ?? '') - Date.parse(before), 5_000);
    });

    const askFirst = (argo: ArgoCd) => refresh(argo, 'dev', '2026-01-01T00:00:00Z');

    /** Makes a commit and requests a refresh while a first comparison runs; returns what is still pending. */
    async function askMeanwhile(begin: (argo: ArgoCd) => void, timestamp?: string) {
      let open = () => {};
      let gate: Promise<void> | undefined;
      let comparisons = 0;
      const sleep = async () => {
        comparisons++;
        await gate;
      };
      const timed = await start({ clock: { now: Date.now, sleep } });
      gate = new Promise((resolve) => {
        open = resolve;
      });
      const before = comparisons;
      begin(timed.argo);
      await until(() => comparisons > before);
      const commit = await timed.repository.commit({ files: { 'NOTES.md': '' }, message: 'Meanwhile' });
      refresh(timed.argo, 'dev', timestamp);
      open();
      return { commit, argo: timed.argo };
    }

    it('drops a request that arrives during the comparison for another', async () => {
      const { commit, argo } = await askMeanwhile(askFirst, '2026-01-01T00:00:00Z');
      const { status } = await argo.until('dev', isRefreshed);
      assert.notEqual(status?.sync?.revision, commit);
    });

    it('keeps the request if its timestamp differs', async () => {
      const { commit, argo } = await askMeanwhile(askFirst, '2026-01-01T00:00:01Z');
      const { status } = await argo.until('dev', isRefreshed);
      assert.equal(status?.sync?.revision, commit);
    });

    it('keeps the request if the running comparison was not requested', async () => {
      const changeSpec = (argo: ArgoCd) => argo.setScenario('dev', { kind: 'autoSyncOff' });
      const { commit, argo } = await askMeanwhile(changeSpec);
      const { status } = await argo.until('dev', isRefreshed);
      assert.equal(status?.sync?.revision, commit);
    });
  });

  it('reports ComparisonError if the path cannot be rendered, and recovers', async () => {
    const { argo, repository } = world;
    const files = { 'dev/kustomization.yaml': 'images: [{name: acme/web, newTag: 1.10}]\n' };
    await repository.commit({ files, message: 'Unquoted' });
    refresh(argo, 'dev');
    const failed = await argo.until('dev', ({ status }) => status?.sync?.status === 'Unknown');
    assert.equal(failed.status?.conditions?.[0]?.type, 'ComparisonError');
    assert.match(
      failed.status?.conditions?.[0]?.message ?? '',
      /Failed to load target state.*invalid Kustomization: json: cannot unmarshal number/,
    );
    const recovered = await argo.until('dev', isAt(await release(world, 'dev', '1.10')));
    assert.equal(recovered.status?.conditions, undefined);
  });

  it('ignores an unreachable remote, unless a refresh was requested', async () => {
    const polling = await start({ pollMs: 30 });
    let asked = 0;
    polling.git.intercept(() => {
      asked++;
      return { status: 500 };
    });
    // A comparison that began before may still write.
    await until(() => asked > 2);
    const before = polling.argo.application('dev');
    await until(() => asked > 6);
    assert.deepEqual(polling.argo.application('dev'), before);
    refresh(polling.argo, 'dev');
    const failed = await polling.argo.until('dev', isRefreshed);
    assert.match(failed.status?.conditions?.[0]?.message ?? '', /500/);
  });

  it('does not touch an Application with skip-reconcile', async () => {
    const { argo } = world;
    argo.changeApplication('dev', ({ metadata }) => {
      metadata.annotations = { 'argocd.argoproj.io/skip-reconcile': 'true' };
    });
    const before = argo.application('dev')?.status;
    const commit = await release(world, 'dev', '1.1.0');
    refresh(argo, 'prod');
    await argo.until('prod', isAt(commit));
    assert.deepEqual(argo.application('dev')?.status, before);
  });

  it('carries out a sync that a person requests', async () => {
    const { argo, repository } = world;
    const first = await repository.tip();
    await argo.until('dev', isAt(await release(world, 'dev', '1.1.0')));
    await argo.ready();
    argo.changeApplication('dev', (application) => {
      application.spec.syncPolicy = {};
      application.operation = { sync: { revision: first }, initiatedBy: { username: 'alice' } };
    });
    const { status } = await argo.until('dev', ({ operation, status }) => !operation && status?.history?.length === 3);
    assert.deepEqual(status?.history?.at(-1)?.initiatedBy, { username: 'alice' });
    const older = await argo.until('dev', (application) => application.status?.sync?.status === 'OutOfSync');
    assert.deepEqual(older.status?.summary?.images, ['acme/web:1.0.0', 'acme/web:1.1.0']);
  });

  it('stops controlling a deleted Application, and controls one that is created later', async () => {
    const { argo, repository } = world;
    argo.deleteApplication('dev');
    assert.equal(argo.application('dev'), undefined);
    argo.createApplication({ name: 'dev', repoURL: repository.url, targetRevision: 'HEAD', path: 'dev' });
    await argo.ready(['dev']);
  });

  it('removes the finalizer of an Application after the cleanup', async () => {
    const { argo, repository } = world;
    const source = { repoURL: repository.url, targetRevision: 'main', path: 'dev' };
    argo.createApplication({ ...source, name: 'cascade', finalizers: ['resources-finalizer.argocd.argoproj.io'] });
    await argo.ready(['cascade']);
    const { types, states } = await record(argo, 'cascade');
    argo.deleteApplication('cascade');
    assert.ok(argo.application('cascade')?.metadata.deletionTimestamp);
    await until(() => types.at(-1) === 'DELETED');
    assert.deepEqual(types, ['MODIFIED', 'DELETED']);
    assert.ok(states.at(-1)?.metadata.deletionTimestamp);
  });

  it('leaves everything as the test writes it without a controller', async () => {
    const other = await start({ isControlled: false, applications: [] });
    const source = { repoURL: world.repository.url, targetRevision: 'main', path: 'dev' };
    const status = { sync: { status: 'OutOfSync' as const, revision: 'abc' } };
    other.argo.createApplication({ ...source, name: 'still', status });
    refresh(other.argo, 'still');
    const { states } = await record(world.argo, 'dev');
    refresh(world.argo, 'dev');
    await until(() => states.length > 1 && isRefreshed(states.at(-1) as Application));
    assert.deepEqual(other.argo.application('still')?.status, status);
    assert.equal(isRefreshed(other.argo.application('still') as Application), false);
  });

  it('follows a change of the revision that an Application tracks', async () => {
    const { argo, repository } = world;
    const commit = await repository.commit({
      branch: 'next',
      files: { 'dev/kustomization.yaml': overlay('3.0.0') },
      message: 'Next',
    });
    argo.changeApplication('dev', ({ spec }) => {
      spec.source.targetRevision = 'next';
    });
    await argo.until('dev', isAt(commit));
  });
});
