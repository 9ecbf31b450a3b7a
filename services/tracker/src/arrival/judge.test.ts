import assert from 'node:assert/strict';
import type { Observation } from '../observation.js';
import { anApplication, sha, started } from './application.fixture.js';
import { judge } from './judge.js';
import { type ArrivalPolicy, type Evidence, failedRevision, observedRevision, type Verdict } from './verdict.js';

const [old, ours, later] = [sha('0'), sha('1'), sha('2')];
const policy: ArrivalPolicy = {
  freshForMs: 60_000,
  degradedGraceMs: 120_000,
  settleMs: 0,
  settleAfterRolloutMs: 0,
  askAgainMs: 5_000,
};

type Observed = ReturnType<typeof anApplication>;
type Known = Partial<Omit<Observation, 'observed'>>;

const at = (ms: number) => new Date(started.getTime() + ms);

function evidenceOf(revision: string, change: Partial<Observed>, evidence: Partial<Evidence> & { known?: Known } = {}) {
  const { known, ...rest } = evidence;
  const relation = revision === ours ? 'same' : 'behind';
  return {
    application: 'argocd/dev',
    commit: { part: 0, repository: 'r', branch: 'b', revision: ours, commit: ours, applications: [] },
    committedAt: started.toISOString(),
    sourceIndex: 0,
    source: undefined,
    file: undefined,
    image: undefined,
    failedSync: undefined,
    observation: { observed: anApplication('dev', revision, change), gone: false, ...known },
    currentAsOf: started.toISOString(),
    relation: { revision, answer: { relation, namesImage: true }, askedAt: started.toISOString() },
    contained: undefined,
    windows: [],
    ...rest,
  } satisfies Evidence;
}

function verdict(
  revision: string,
  change: Partial<Observed>,
  evidence: Partial<Evidence> & { known?: Known } = {},
  now = started,
  limits: Partial<ArrivalPolicy> = {},
): Verdict {
  return judge(evidenceOf(revision, change, evidence), now, { ...policy, ...limits });
}

/** `waiting Progressing`, and words of the message. */
function says(actual: Verdict, what: string, words: RegExp) {
  assert.ok(actual.is !== 'arrived', JSON.stringify(actual));
  assert.equal(`${actual.is} ${actual.reason}`, what, actual.message);
  assert.match(actual.message, words);
}

const refreshOf = (actual: Verdict) => actual.is === 'waiting' && actual.refresh === true;
const untilOf = (actual: Verdict) => ('until' in actual && actual.until ? actual.until - started.getTime() : undefined);
const isBlind = (actual: Verdict) => actual.is === 'waiting' && actual.blind === true;

const outOfSync = (revision: string): Partial<Observed> => ({ sync: { status: 'OutOfSync', revisions: [revision] } });
const unknown = { relation: 'unknown' as const, message: 'the remote hangs' };

describe('judge', () => {
  it('arrived: Synced at our commit, the operation over, its health younger than that, Healthy', () => {
    assert.deepEqual(verdict(ours, {}), { is: 'arrived', revision: ours, rendered: true });
  });

  it('arrived: at a later commit of somebody else that contains ours and names our image', () => {
    const relation = { revision: later, answer: { relation: 'contains' as const, namesImage: true }, askedAt: '' };
    assert.equal(verdict(later, {}, { relation }).is, 'arrived');
  });

  it('arrived: no rendered change, so that there never was an operation on our revision', () => {
    const operation = { phase: 'Succeeded', finishedAt: '2026-02-01T00:00:00Z', revisions: [old] };
    assert.deepEqual(verdict(ours, { operation }), { is: 'arrived', revision: ours, rendered: false });
  });

  it('arrived where nothing had to be committed: any synced revision that names the image will do', () => {
    const commit = { part: 0, repository: 'r', branch: 'b', revision: ours, applications: [] };
    assert.equal(verdict(old, {}, { commit }).is, 'arrived');
  });

  it('arrived: our commit was synced before later commits moved the revision on', () => {
    const relation = { revision: later, answer: { relation: 'contains' as const, namesImage: true }, askedAt: '' };
    const operation = { phase: 'Succeeded', finishedAt: '2026-03-01T12:00:09Z', revisions: [ours] };
    assert.deepEqual(verdict(later, { operation }, { relation }), { is: 'arrived', revision: later, rendered: true });
  });

  describe('settles', () => {
    const settle = { settleMs: 5_000, settleAfterRolloutMs: 1_000 };

    it('for 5 s where it never left Healthy, and says when that is over', () => {
      const actual = verdict(ours, {}, {}, at(4_999), settle);
      says(actual, 'waiting Settling', /Synced and Healthy for less than 5 s/);
      assert.equal(untilOf(actual), 5_000);
      assert.equal(verdict(ours, {}, {}, at(5_000), settle).is, 'arrived');
    });

    it('for 1 s where it was seen to leave Healthy since its sync', () => {
      const known = { leftHealthy: true };
      assert.equal(untilOf(verdict(ours, {}, { known }, at(999), settle)), 1_000);
      assert.equal(verdict(ours, {}, { known }, at(1_000), settle).is, 'arrived');
    });

    it('for 5 s where nothing was deployed for our commit: the rollout was that of another', () => {
      const operation = { phase: 'Succeeded', finishedAt: '2026-02-01T00:00:00Z', revisions: [old] };
      says(
        verdict(ours, { operation }, { known: { leftHealthy: true } }, at(4_999), settle),
        'waiting Settling',
        /5 s/,
      );
    });
  });

  describe('before the sync', () => {
    it('waits and asks for a refresh: the revision is behind our commit', () => {
      const actual = verdict(old, {});
      says(actual, 'waiting RevisionBehind', /^argocd\/dev: Argo CD is at 00000000, behind our commit 11111111$/);
      assert.ok(refreshOf(actual));
    });

    it('shows the error of Argo CD before where it is', () => {
      const errors = [{ type: 'SyncError', message: 'will not retry' }];
      says(
        verdict(old, { errors }),
        'waiting RevisionBehind',
        /^argocd\/dev: SyncError: will not retry; Argo CD is at/,
      );
    });

    it('waits: OutOfSync and Healthy right after the push; that health is the old one', () => {
      const actual = verdict(ours, { ...outOfSync(ours), operation: undefined });
      says(actual, 'waiting OutOfSync', /OutOfSync, auto-sync has not started/);
      assert.ok(refreshOf(actual));
    });

    it('a pending operation on our commit is its sync, though the status is still that of the old one', () => {
      const pending = { operation: undefined, operationPending: true, requestedRevisions: [ours] };
      says(verdict(old, pending), 'waiting SyncRunning', /^argocd\/dev: a sync is about to start$/);
      const operation = { phase: 'Running', startedAt: started.toISOString(), revisions: [ours] };
      says(verdict(old, { ...pending, operation }), 'waiting SyncRunning', /: syncing$/);
    });

    it('a pending operation on an older commit has to end first', () => {
      const pending = { operation: undefined, operationPending: true, requestedRevisions: [old] };
      says(verdict(old, pending), 'waiting OtherSyncRunning', /the sync of 00000000, not of our commit 11111111$/);
      // A retry keeps its revision, while what is compared moves on.
      const operation = {
        ...{ phase: 'Running', finishedAt: '2026-03-01T12:00:07Z', retryCount: 2, retryLimit: 5, revisions: [old] },
        ...{
          message: 'one or more objects failed to apply. Retrying attempt #2 at 8:09PM.',
          failures: ['Job a: quota'],
        },
      };
      says(
        verdict(ours, { ...outOfSync(ours), operationPending: true, operation }),
        'waiting OtherSyncRunning',
        /^argocd\/dev: Job a: quota; sync retry 2 of 5, next at 8:09PM; this is the sync of 00000000, not/,
      );
    });
  });

  describe('while Argo CD cannot compare', () => {
    const errors = [{ type: 'ComparisonError', message: 'failed to fetch: connection refused' }];
    const sync = { status: 'Unknown', revisions: ['main'] };

    it('shows its error, asks for a refresh and lets the deadline run', () => {
      const actual = verdict('main', { sync, errors }, { relation: undefined });
      says(actual, 'waiting ComparisonFailed', /^argocd\/dev: ComparisonError: failed to fetch: connection refused$/);
      assert.ok(refreshOf(actual));
      assert.ok(!isBlind(actual));
    });

    it('asks the promoter nothing about the text of targetRevision', () => {
      assert.equal(observedRevision(evidenceOf('main', { sync, errors })), undefined);
      const operation = { phase: 'Failed', revisions: ['main'] };
      assert.equal(failedRevision(evidenceOf(ours, { operation })), undefined);
    });

    it('says so where it reports no commit and no error', () => {
      says(verdict('', { sync }), 'waiting RevisionMissing', /reports "main", which is no commit id/);
      says(verdict('', { sync: { status: 'Unknown', revisions: [] } }), 'waiting RevisionMissing', /no revision$/);
      says(verdict(ours, { sync: { status: 'Unknown', revisions: [ours] } }), 'waiting SyncUnknown', /status Unknown/);
    });

    it('names the other errors by codes of their own', () => {
      const of = (type: string, message = 'no') => verdict(ours, { errors: [{ type, message }] });
      says(of('ComparisonError'), 'waiting ComparisonFailed', /ComparisonError: no/);
      says(of('InvalidSpecError'), 'waiting SpecInvalid', /InvalidSpecError: no/);
      says(of('SyncError'), 'waiting SyncRefused', /SyncError: no/);
      says(of('DeletionError'), 'waiting ApplicationError', /DeletionError: no/);
      const tooLarge = of('UnknownError', 'status is too large; displayed status may be stale');
      says(tooLarge, 'waiting StatusTooLarge', /may be stale; this does not clear by itself/);
      assert.ok(!refreshOf(tooLarge));
      says(of('UnreadableError', 'spec: no object'), 'waiting ApplicationUnreadable', /^argocd\/dev: spec: no object$/);
    });
  });

  describe('while a sync runs', () => {
    const running = { phase: 'Running', startedAt: started.toISOString(), revisions: [ours] };
    const during = (operation: Partial<NonNullable<Observed['operation']>>, known: Known = {}, now = started) =>
      verdict(
        ours,
        { ...outOfSync(ours), operationPending: true, operation: { ...running, ...operation } },
        { known, currentAsOf: now.toISOString() },
        now,
      );

    it('shows its progress, and asks for a refresh only when nothing has changed for a minute', () => {
      const message = 'waiting for completion of hook batch/Job/migrate';
      const actual = during({ message });
      says(actual, 'waiting SyncRunning', /^argocd\/dev: syncing: waiting for completion of hook batch\/Job\/migrate$/);
      assert.deepEqual([refreshOf(actual), untilOf(actual)], [false, 60_000]);
      assert.ok(refreshOf(during({ message }, {}, at(60_000))));
    });

    it('names the failing hook before the retry, and while the next attempt runs', () => {
      const failures = ['PreSync hook migrate failed: Job has reached the specified backoff limit'];
      const message = 'one or more synchronization tasks completed unsuccessfully. Retrying attempt #1 at 8:08PM.';
      const failed = { message, failures };
      const cause = /^argocd\/dev: PreSync hook migrate failed: Job has reached the specified backoff limit; /;
      const waits = during({ ...failed, finishedAt: '2026-03-01T12:00:09Z', retryCount: 1, retryLimit: 2 });
      says(waits, 'waiting SyncRetrying', cause);
      says(waits, 'waiting SyncRetrying', /; sync retry 1 of 2, next at 8:08PM$/);
      const again = { retryCount: 1, retryLimit: 2, message: 'Retrying operation. Attempt #1' };
      says(during(again, { failedAttempt: failed }), 'waiting SyncRetrying', cause);
      says(during(again, { failedAttempt: failed }), 'waiting SyncRetrying', /; sync retry 1 of 2 is running$/);
      const hook = { ...again, message: 'waiting for completion of hook batch/Job/migrate' };
      says(
        during(hook, { failedAttempt: failed }),
        'waiting SyncRetrying',
        /is running: waiting for completion of hook/,
      );
    });

    it('shows the message of a failed attempt where no resource failed', () => {
      const message = 'ComparisonError: connection refused. Retrying attempt #3 at 8:14PM.';
      const actual = during({ message, finishedAt: '2026-03-01T12:00:09Z', retryCount: 3 });
      says(actual, 'waiting SyncRetrying', /^argocd\/dev: ComparisonError: connection refused; sync retry 3, next at/);
    });

    it('names three of many failures and counts the rest', () => {
      const failures = ['a', 'b', 'c', 'd', 'e'].map((name) => `Job ${name}: quota`);
      const actual = during({ failures, finishedAt: '2026-03-01T12:00:09Z', retryCount: 1 });
      says(actual, 'waiting SyncRetrying', /Job a: quota; Job b: quota; Job c: quota; and 2 more; sync retry 1$/);
    });

    it('is blocked where a sync window holds it up', () => {
      const window = { kind: 'deny' as const, schedule: '0 11 * * *', duration: '2h', applications: ['d*'] };
      const operation = { ...running, message: 'Sync operation blocked by sync window' };
      const actual = verdict(
        ours,
        { ...outOfSync(ours), operationPending: true, operation },
        { windows: [window], currentAsOf: at(7_200_000).toISOString() },
      );
      says(actual, 'blocked SyncWindowClosed', /project default blocks the sync \(deny "0 11 \* \* \*" for 2h\)/);
      assert.equal(untilOf(actual), 3_600_000);
    });
  });

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
    it('failed: a person changed the image after our commit', () => {
      const answer = { relation: 'contains' as const, namesImage: false, named: 'docker.io/acme/storefront:0.9.0' };
      const relation = { revision: later, answer, askedAt: '' };
      says(
        verdict(later, {}, { relation }),
        'failed RolledBack',
        /name docker\.io\/acme\/storefront:0\.9\.0 instead of our image: a person or another tool changed them/,
      );
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
        'failed RolledBack',
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
        'failed RolledBack',
        /went back to 00000000 from 11111111, which had our commit/,
      );
    });

    it('waits: its source was changed after our commit', () => {
      const source = { repository: 'https://git.test/acme/deploy', branch: 'refs/heads/main', path: 'apps/dev' };
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
