import assert from 'node:assert/strict';
import { anApplication, started } from './application.fixture.js';
import {
  at,
  evidenceOf,
  isBlind,
  later,
  type Observed,
  old,
  ours,
  outOfSync,
  refreshOf,
  says,
  unknown,
  untilOf,
  verdict,
} from './judge.fixture.js';
import { type Evidence, failedRevision } from './verdict.js';

describe('judge', () => {
  describe('after the sync', () => {
    it('waits and asks for a refresh: the status is older than the end of the operation, in whole seconds', () => {
      const actual = verdict(ours, { reconciledAt: '2026-03-01T12:00:08Z' });
      says(actual, 'waiting StatusStale', /its status is older than the end of its last sync/);
      assert.ok(refreshOf(actual));
      assert.equal(verdict(ours, { reconciledAt: undefined }).is, 'waiting');
      assert.equal(verdict(ours, { reconciledAt: '2026-03-01T12:00:09Z' }).is, 'arrived');
    });

    it('failed: the sync of our revision failed, though Synced and Healthy (a PostSync hook)', () => {
      const operation = {
        phase: 'Failed',
        message: 'hook failed',
        failures: ['Job/migrate: exit 1'],
        revisions: [ours],
      };
      says(verdict(ours, { operation }), 'failed SyncFailed', /sync Failed: Job\/migrate: exit 1 \(hook failed\)$/);
    });

    it('waits: the sync of an older revision failed, which is not ours', () => {
      const change = { operation: { phase: 'Failed', message: 'old', revisions: [old] }, ...outOfSync(ours) };
      const failedSync = { revision: old, answer: { relation: 'behind' as const }, askedAt: started.toISOString() };
      assert.equal(failedRevision(evidenceOf(ours, change)), old);
      says(verdict(ours, change, { failedSync }), 'waiting OutOfSync', /OutOfSync/);
      says(verdict(ours, change), 'asking AskingPromoter', /a sync of 00000000 failed; asking/);
      const actual = verdict(ours, change, { failedSync: { ...failedSync, answer: unknown } });
      says(actual, 'waiting RelationUnknown', /cannot tell .*: the remote hangs/);
      assert.deepEqual([isBlind(actual), untilOf(actual)], [true, 5_000]);
    });

    it('failed: the sync of our commit failed after the branch had moved on', () => {
      const operation = { phase: 'Failed', message: 'quota', revisions: [ours] };
      const relation = { revision: later, answer: { relation: 'contains' as const, namesImage: true }, askedAt: '' };
      says(verdict(later, { operation }, { relation }), 'failed SyncFailed', /sync Failed: quota/);
    });

    it('waits for a newer status while OutOfSync may be from before a sync of the same second', () => {
      const short = { ...outOfSync(ours), selfHeal: false, reconciledAt: '2026-03-01T12:00:09Z' };
      const actual = verdict(ours, short);
      says(actual, 'waiting StatusStale', /older than the end of its last sync/);
      assert.ok(refreshOf(actual));
      says(verdict(ours, short, { known: { seenSynced: true } }), 'waiting SelfHealOff', /self-heal is off/);
    });

    it('says that nothing happens by itself where the cluster differs and self-heal is off', () => {
      const drift = { ...outOfSync(ours), selfHeal: false };
      says(verdict(ours, drift), 'waiting SelfHealOff', /self-heal is off; nothing happens by itself/);
      says(verdict(ours, { ...drift, selfHeal: true }), 'waiting OutOfSync', /self-heal has not started/);
    });

    it('waits while Progressing, and asks for a refresh when nothing has changed for a minute', () => {
      const health = { status: 'Progressing', message: 'Caused by apps/Deployment:web/web' };
      const actual = verdict(ours, { health });
      says(actual, 'waiting Progressing', /Progressing: Caused by apps\/Deployment:web\/web/);
      assert.deepEqual([refreshOf(actual), untilOf(actual)], [false, 60_000]);
      assert.ok(refreshOf(verdict(ours, { health }, { currentAsOf: at(60_000).toISOString() }, at(60_000))));
    });

    it('waits while Degraded, fails when the grace is over', () => {
      const health = { status: 'Degraded', message: 'crash loop' };
      const evidence = { currentAsOf: at(150_000).toISOString(), known: { degradedSince: started.toISOString() } };
      const degraded = (ms: number, more: Partial<Evidence> = {}) =>
        verdict(ours, { health }, { ...evidence, ...more }, at(ms));
      says(degraded(119_999), 'waiting Degraded', /Degraded: crash loop/);
      assert.equal(untilOf(degraded(119_999)), 120_000);
      says(degraded(120_000), 'failed Degraded', /Degraded: crash loop \(since/);
      const committedAt = at(60_000).toISOString();
      says(degraded(179_999, { committedAt }), 'waiting Degraded', /Degraded: crash loop/);
      says(degraded(180_000, { committedAt }), 'failed Degraded', /Degraded: crash loop \(since/);
    });

    it('waits while resources are missing, and is blocked while Suspended', () => {
      says(verdict(ours, { health: { status: 'Missing' } }), 'waiting HealthMissing', /: Missing$/);
      const actual = verdict(ours, { health: { status: 'Suspended' } });
      says(actual, 'blocked Suspended', /Suspended; it continues when somebody resumes it/);
    });

    it('waits: nothing was deployed for our commit, and another image of the repository runs', () => {
      const operation = { phase: 'Succeeded', finishedAt: '2026-02-01T00:00:00Z', revisions: [old] };
      const image = { repository: 'docker.io/acme/storefront', tag: '1.1.0' };
      const runs = (images: string[], change: Partial<Observed> = {}) =>
        verdict(ours, { operation, images, ...change }, { image });
      const nothing = 'waiting NothingDeployed';
      says(runs(['acme/storefront:1.0.0', 'busybox']), nothing, /nothing to deploy .* acme\/storefront:1\.0\.0 runs/);
      says(runs([`acme/storefront@sha256:${'a'.repeat(64)}`]), nothing, /sha256/);
      const both = runs(['acme/storefront:1.0.0', 'acme/storefront:1.1.0']);
      assert.equal(both.is, 'arrived', 'the old one may still be there');
      assert.equal(runs([`acme/storefront:1.1.0@sha256:${'a'.repeat(64)}`]).is, 'arrived');
      assert.equal(runs(['busybox', 'no image!']).is, 'arrived', 'nothing of it may run');
      const rendered = { operation: { ...operation, revisions: [ours] } };
      assert.equal(runs(['acme/storefront:1.0.0'], rendered).is, 'arrived', 'its pods may be those of a finished Job');
    });
  });

  describe('when somebody acts', () => {
    it('fails once a change of the image has persisted for the settle time after a refresh', () => {
      const answer = { relation: 'contains' as const, namesImage: false, named: 'docker.io/acme/storefront:0.9.0' };
      const relation = { revision: later, answer, askedAt: started.toISOString() };
      const changed = (refreshedMs: number | undefined, ms: number) => {
        const refreshedAt = refreshedMs === undefined ? undefined : at(refreshedMs).toISOString();
        return verdict(later, {}, { relation, refreshedAt }, at(ms), { settleMs: 5_000 });
      };
      const words =
        /name docker\.io\/acme\/storefront:0\.9\.0 instead of our image: a person or another tool changed them/;
      for (const before of [undefined, -1]) {
        says(changed(before, 30_000), 'waiting ChangedByOther', words);
        assert.ok(refreshOf(changed(before, 30_000)), 'nobody has asked Argo CD since');
      }
      says(changed(1_000, 5_999), 'waiting ChangedByOther', words);
      assert.deepEqual([refreshOf(changed(1_000, 5_999)), untilOf(changed(1_000, 5_999))], [false, 6_000]);
      says(changed(1_000, 6_000), 'failed ChangedByOther', words);
    });

    it('failed: a person rolled back in Argo CD after our commit was deployed', () => {
      const operation = {
        phase: 'Succeeded',
        finishedAt: '2026-03-01T12:00:09Z',
        revisions: [old],
        initiatedBy: 'alice',
      };
      const back = { ...outOfSync(ours), autoSync: false, operation, history: [[old], [ours], [old]] };
      says(
        verdict(ours, back),
        'failed ChangedByOther',
        /^argocd\/dev: alice rolled back in Argo CD to 00000000, after our/,
      );
      says(verdict(ours, { ...back, history: [[old]] }), 'blocked AutoSyncOff', /auto-sync is off/);
      const newer = { operation: { ...operation, revisions: [later] }, history: [[old], [ours], [later]] };
      says(verdict(ours, { ...back, ...newer }), 'blocked AutoSyncOff', /auto-sync is off/);
      const automated = { ...back, operation: { ...operation, automated: true } };
      says(verdict(ours, automated), 'blocked AutoSyncOff', /auto-sync is off/);
    });

    it('failed: the branch went back to a revision without our commit, once that is synced', () => {
      const evidence = { contained: ours };
      says(verdict(old, outOfSync(old), evidence), 'waiting RevisionBehind', /went back to 00000000 from 11111111/);
      says(
        verdict(old, {}, evidence),
        'failed ChangedByOther',
        /went back to 00000000 from 11111111, which had our commit/,
      );
    });

    it('waits: its source was changed after our commit', () => {
      const source = { repository: 'https://git.test/acme/deploy', branch: 'refs/heads/main', paths: ['apps/dev'] };
      assert.equal(verdict(ours, {}, { source }).is, 'arrived', 'however it is spelled');
      const [now] = anApplication('dev', ours).sources;
      const changed = { path: 'apps/other', targetRevision: 'release', repository: 'https://git.test/acme/other' };
      for (const [key, value] of Object.entries(changed)) {
        const sources = [{ ...(now as Observed['sources'][number]), [key]: value }];
        says(
          verdict(ours, { sources }, { source }),
          'waiting SourceChanged',
          /changed after our commit, and is now https/,
        );
      }
      says(verdict(ours, {}, { source, sourceIndex: 1 }), 'waiting SourceChanged', /and is now none/);
    });

    it('waits: the Application is gone or being deleted', () => {
      says(verdict(ours, { deleting: true }), 'waiting ApplicationGone', /being deleted/);
      says(verdict(ours, {}, { known: { gone: true } }), 'waiting ApplicationGone', /no longer exists/);
    });

    it('halts the deadline only for auto-sync off, a sync window, Suspended and skip-reconcile', () => {
      const window = { kind: 'deny' as const, schedule: '0 11 * * *', duration: '2h', applications: ['*'] };
      const unsynced = { ...outOfSync(ours), operation: undefined };
      says(verdict(ours, { ...unsynced, autoSync: false }), 'blocked AutoSyncOff', /OutOfSync, auto-sync is off/);
      says(verdict(ours, unsynced, { windows: [window] }), 'blocked SyncWindowClosed', /blocks the sync \(deny/);
      says(verdict(ours, { health: { status: 'Suspended' } }), 'blocked Suspended', /Suspended/);
      says(verdict(ours, { frozen: true }), 'blocked SkipReconcile', /skip-reconcile/);
    });
  });

  describe('what cannot be told', () => {
    it('is asked, and is not guessed', () => {
      says(verdict(ours, {}, { relation: undefined }), 'asking AskingPromoter', /asking how 11111111 relates/);
      const relation = { revision: ours, answer: unknown, askedAt: started.toISOString() };
      const actual = verdict(ours, {}, { relation });
      says(actual, 'waiting RelationUnknown', /cannot tell .*: the remote hangs/);
      assert.deepEqual([isBlind(actual), untilOf(actual)], [true, 5_000]);
    });

    it('is the files at the revision, where they cannot be read', () => {
      const answer = { relation: 'contains' as const, message: 'apps/dev/kustomization.yaml has a tagSuffix' };
      const actual = verdict(
        ours,
        {},
        { relation: { revision: ours, answer, askedAt: '' }, file: 'kustomization.yaml' },
      );
      says(actual, 'waiting RelationUnknown', /still names our image: .*tagSuffix/);
      assert.ok(!isBlind(actual), 'a person has to mend the file');
    });

    it('is an Application that argo-watcher does not see, or has not confirmed lately', () => {
      const unseen = verdict(ours, {}, { observation: undefined });
      says(unseen, 'waiting ApplicationNotObserved', /has not seen this Application/);
      const unconfirmed = verdict(ours, {}, { currentAsOf: undefined });
      says(unconfirmed, 'waiting NotCurrent', /has not confirmed yet/);
      assert.equal(verdict(ours, {}, {}, at(60_000)).is, 'arrived');
      const stale = verdict(ours, {}, {}, at(60_001));
      says(
        stale,
        'waiting NotCurrent',
        /last confirmed at 2026-03-01T12:00:00\.000Z that its observations are current/,
      );
      assert.ok([unseen, unconfirmed, stale].every(isBlind));
    });

    it('is looked at again when the observation may be too old', () => {
      assert.equal(untilOf(verdict(old, {})), 60_001);
      assert.equal(untilOf(verdict(ours, { frozen: true })), 60_001);
    });
  });
});
