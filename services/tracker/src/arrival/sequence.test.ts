import assert from 'node:assert/strict';
import { anApplication, aTrack, sha, started, TestTrack } from '../ride/ride.fixture.js';
import {
  before,
  fresh,
  health,
  later,
  type Observed,
  old,
  operation,
  ours,
  outOfSync,
  over,
  running,
  stale,
  Watched,
} from './sequence.fixture.js';

describe('what is seen after our commit', () => {
  it("the order of Argo CD's writes, each of which proves something only after the one before (trap 1)", () => {
    new Watched()
      .sees(old, { ...before })
      .waits(/is at 00000000, behind our commit 11111111/)
      .sees(ours, { ...before, ...outOfSync(ours), operationPending: true })
      .waits(/a sync is about to start$/)
      .sees(ours, { ...running, ...outOfSync(ours) })
      .waits(/syncing: waiting for healthy state of apps\/Deployment\/web/)
      .sees(ours, { ...over, ...outOfSync(ours), ...stale })
      .waits(/its status is older than the end of its last sync/)
      .sees(ours, { ...over, ...health('Progressing', 'rolling out'), ...fresh })
      .waits(/Progressing: rolling out/)
      .sees(ours, { ...over, ...fresh })
      .arrived();
  });

  it('Synced and the old Healthy before the operation was compared again is stale; whole seconds (traps 15, 16)', () => {
    const watched = new Watched().sees(ours, { ...over, ...stale }).waits(/older than the end of its last sync/);
    watched.later(15_000);
    assert.equal(watched.refreshesAsked, 1);
    watched.sees(ours, { ...over, ...fresh }).arrived();
  });

  it('a flash of Healthy before the workload controller begins does not settle (trap 3)', () => {
    new Watched({ settleMs: 5_000 })
      .sees(ours, { ...over, ...fresh })
      .waits(/Synced and Healthy for less than 5 s/)
      .later(4_999)
      .waits(/for less than 5 s/)
      .sees(ours, { ...over, ...fresh, ...health('Progressing') })
      .later(60_000)
      .waits(/Progressing/)
      .sees(ours, { ...over, ...fresh })
      .later(5_000)
      .arrived();
  });

  it('no rendered change: the revision moves, and there is no operation (traps 4, 6)', () => {
    const { line } = new Watched().sees(ours, { ...before, reconciledAt: '2026-03-01T12:00:10Z' }).arrived();
    assert.deepEqual(line.live('1.0.0').promotion?.station, 'prod');
  });

  it('a later commit of somebody else that contains ours (trap 5)', () => {
    new Watched().sees(later, { ...operation({ revisions: [later], finishedAt: '2026-03-01T12:00:09Z' }) }).arrived();
  });

  it('a later commit that names another image: somebody changed it (superseded by a person)', () => {
    const watched = new Watched({ settleMs: 5_000 }).sees(later, {}, 'docker.io/acme/storefront:0.9.0');
    const words = /name docker\.io\/acme\/storefront:0\.9\.0 instead of our image/;
    watched.waits(words).later(15_000).waits(words);
    assert.equal(watched.refreshesAsked, 1);
    watched.later(4_999).waits(words).later(1).failed(words);
  });

  it('a later commit that names another image, and is undone at once', () => {
    const watched = new Watched({ settleMs: 5_000 }).sees(later, {}, 'docker.io/acme/storefront:0.9.0');
    watched
      .later(15_000)
      .sees(ours, { ...over, ...fresh })
      .later(5_000)
      .arrived();
  });

  it('auto-sync off (trap 8): blocked, until it is on again', () => {
    new Watched()
      .sees(ours, { ...before, ...outOfSync(ours), autoSync: false })
      .waits(/^argocd\/dev: OutOfSync, auto-sync is off$/)
      .sees(ours, { ...over, ...fresh })
      .arrived();
  });

  it('a sync that Argo CD refuses to begin says SyncError (trap 9)', () => {
    const errors = [{ type: 'SyncError', message: 'Failed last sync attempt to [1111]: one or more objects failed' }];
    new Watched().sees(ours, { ...before, ...outOfSync(ours), errors }).waits(/SyncError: Failed last sync attempt/);
  });

  it('Running with finishedAt is a retry, and no failure; Failed is one (trap 10)', () => {
    const message = 'one or more objects failed to apply. Retrying attempt #2 at 10:42AM.';
    const retry = { phase: 'Running', finishedAt: '2026-03-01T12:00:07Z', retryCount: 2, retryLimit: 5, message };
    new Watched()
      .sees(ours, { ...operation(retry), operationPending: true, ...outOfSync(ours) })
      .waits(/^argocd\/dev: one or more objects failed to apply\.?; sync retry 2 of 5, next at 10:42AM$/)
      .sees(ours, {
        ...operation({ phase: 'Failed', message: 'gave up', finishedAt: '2026-03-01T12:00:09Z' }),
        ...outOfSync(ours),
      })
      .failed(/sync Failed: gave up/);
  });

  it('a retry is pinned to the old revision: our commit waits for it, and a refresh is requested only when it stalls (trap 10)', () => {
    const retry = { phase: 'Running', finishedAt: '2026-03-01T12:00:07Z', retryCount: 1, revisions: [old] };
    const watched = new Watched().sees(old, { ...operation(retry), operationPending: true });
    watched.waits(/this is the sync of 00000000, not of our commit 11111111/).later(59_000);
    assert.equal(watched.refreshesAsked, 0);
    watched.later(1_000);
    assert.equal(watched.refreshesAsked, 1);
  });

  it('the failure of an older sync is not ours', () => {
    const failed = operation({ phase: 'Failed', revisions: [old], finishedAt: '2026-02-01T00:00:00Z' });
    const watched = new Watched().sees(ours, { ...failed, ...outOfSync(ours) });
    watched.learns(old).waits(/OutOfSync, auto-sync has not started/);
  });

  it('a sync window holds it up, before the sync or in it (trap 11)', () => {
    const watched = new Watched();
    const window = { kind: 'deny' as const, schedule: '0 11 * * *', duration: '2h', applications: ['d*'] };
    const project = (syncWindows: (typeof window)[], resourceVersion: string) =>
      watched.line.take({
        type: 'project',
        data: {
          ...{ instance: 'default', namespace: 'argocd', name: 'default', uid: 'p', resourceVersion, syncWindows },
          observedAt: started.toISOString(),
        },
      });
    project([window], '7');
    watched
      .sees(ours, { ...before, ...outOfSync(ours) })
      .waits(/OutOfSync, a sync window of project default blocks the sync \(deny "0 11 \* \* \*" for 2h\)/)
      .sees(ours, {
        ...operation({ phase: 'Running', message: 'Sync operation blocked by sync window' }),
        operationPending: true,
      })
      .waits(/^argocd\/dev: a sync window of project default blocks the sync \(deny/);
    project([], '8');
    watched.sees(ours, { ...before, ...outOfSync(ours) }).waits(/auto-sync has not started/);
  });

  it('a PostSync hook that failed fails the operation, though Synced and Healthy (trap 12)', () => {
    const failures = ['PostSync hook migrate failed: exit code 1'];
    new Watched()
      .sees(ours, { ...operation({ phase: 'Failed', message: 'one or more tasks failed', failures }), ...fresh })
      .failed(/sync Failed: PostSync hook migrate failed: exit code 1 \(one or more tasks failed\)/);
  });

  it('a hook that failed after the branch had moved on is ours all the same (trap 12)', () => {
    const failed = operation({ phase: 'Failed', message: 'one or more tasks failed', revisions: [ours] });
    const watched = new Watched()
      .sees(ours, { ...running, ...outOfSync(ours) })
      .sees(later, { ...running })
      .waits(/syncing/)
      .sees(later, { ...failed, ...fresh });
    watched.failed(/sync Failed: one or more tasks failed/);
  });

  it('a self-heal that follows is no new deployment: what has arrived stays (trap 13)', () => {
    const watched = new Watched().sees(ours, { ...over, ...fresh }).arrived();
    watched.sees(ours, { ...running, ...outOfSync(ours) });
    assert.equal(watched.line.live('1.0.0').promotion?.station, 'prod');
  });

  it('led back to an older revision by somebody: reported once it is deployed, not fought (trap 14)', () => {
    new Watched()
      .sees(ours, { ...over, ...fresh, ...health('Progressing') })
      .waits(/Progressing/)
      .sees(old, { ...outOfSync(old) })
      .waits(/went back to 00000000 from 11111111, which had our commit/)
      .sees(old, {
        ...operation({ revisions: [old], finishedAt: '2026-03-01T12:00:20Z' }),
        reconciledAt: '2026-03-01T12:00:21Z',
      })
      .failed(/went back to 00000000/);
  });

  it('an unreachable repository: sync Unknown, with ComparisonError or none (trap 17)', () => {
    const unknown = (errors: Observed['errors']) => ({
      sync: { status: 'Unknown', revisions: [ours] },
      errors,
      ...over,
      ...fresh,
    });
    new Watched()
      .sees(ours, unknown([]))
      .waits(/sync status Unknown/)
      .sees(ours, unknown([{ type: 'ComparisonError', message: 'rpc error: timeout' }]))
      .waits(/ComparisonError: rpc error: timeout/)
      .sees(ours, { sync: { status: 'Unknown', revisions: [''] }, errors: [] })
      .waits(/Argo CD reports no revision/)
      .sees(ours, { ...over, ...fresh })
      .arrived();
  });

  it('a status too large to be written does not clear by itself (trap 18)', () => {
    const errors = [{ type: 'UnknownError', message: 'status is too large; displayed status may be stale' }];
    new Watched().sees(ours, { ...over, ...fresh, errors }).waits(/may be stale; this does not clear by itself/);
  });

  it('the source that our commit went to, of several (trap 19)', () => {
    const chart = { repository: 'https://charts.test', targetRevision: '1.2.3', chart: 'web' };
    const files = { repository: 'https://git.test/acme/deploy', targetRevision: 'main', path: 'apps/dev' };
    const line = new TestTrack(aTrack({ dev: ['dev'] }));
    const at = (revision: string) =>
      anApplication('dev', revision, {
        sources: [chart, files],
        sync: { status: 'Synced', revisions: ['1.2.3', revision] },
      });
    line.observe(at(old));
    line.current();
    line.push('1.0.0');
    line.commit('1.0.0', ours);
    line.observe(at(ours));
    const events = line.answer('1.0.0', 'dev', ours, { relation: 'same', namesImage: true });
    assert.ok(events.some(({ type }) => type === 'completed'));
  });

  it('the source hydrator: a hydrated revision counts by the dry one it was made from (trap 20)', () => {
    const dry = (dryRevision: string, hydratedRevision: string, more: object = {}) => ({
      hydration: { dryRevision, hydratedRevision, phase: 'Hydrated', ...more },
    });
    const [hydratedOld, hydrated] = [sha('a'), sha('b')];
    new Watched()
      .sees(hydratedOld, dry(old, hydratedOld))
      .waits(/is at 00000000, behind our commit/)
      .sees(hydratedOld, dry(old, hydratedOld, { phase: 'Hydrating', currentDryRevision: ours }))
      .waits(/behind our commit/)
      .sees(hydratedOld, dry(ours, hydrated))
      .waits(/is at aaaaaaaa, which is not what it hydrated last/)
      .sees(hydratedOld, dry(ours, hydrated, { phase: 'Failed', message: 'no such path', currentDryRevision: ours }))
      .waits(/hydration of 11111111 failed: no such path/)
      .sees(hydrated, {
        ...dry(ours, hydrated),
        ...operation({ revisions: [hydrated], finishedAt: '2026-03-01T12:00:09Z' }),
        ...fresh,
      })
      .arrived();
  });

  it('frozen, being deleted, gone (trap 24)', () => {
    const watched = new Watched().sees(ours, { frozen: true }).waits(/skip-reconcile/);
    watched.sees(ours, { deleting: true }).waits(/being deleted/);
    const gone = {
      instance: 'default',
      namespace: 'argocd',
      name: 'dev',
      uid: 'uid-dev',
      observedAt: started.toISOString(),
    };
    watched.line.take({ type: 'gone', data: gone });
    watched.waits(/no longer exists/);
  });
});
