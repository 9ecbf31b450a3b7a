import assert from 'node:assert/strict';
import { started } from './application.fixture.js';
import {
  at,
  evidenceOf,
  isBlind,
  type Known,
  later,
  type Observed,
  old,
  ours,
  outOfSync,
  refreshOf,
  says,
  untilOf,
  verdict,
} from './judge.fixture.js';
import { failedRevision, observedRevision } from './verdict.js';

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
});
