import assert from 'node:assert/strict';
import { anApplication, sha, started } from '../ride/ride.fixture.js';
import { judge } from './judge.js';
import type { Evidence, Verdict } from './verdict.js';

const [old, ours] = [sha('0'), sha('1')];
const limits = { pictureMs: 60_000, degradedGraceMs: 120_000, settleMs: 0 };

type Observed = ReturnType<typeof anApplication>;

function verdict(
  revision: string,
  change: Partial<Observed>,
  evidence: Partial<Evidence> = {},
  now = started,
): Verdict {
  const observed = anApplication('dev', revision, change);
  const relation = revision === ours ? 'same' : 'behind';
  return judge(
    {
      application: 'argocd/dev',
      commit: { part: 0, repository: 'r', branch: 'b', revision: ours, commit: ours, applications: [] },
      committedAt: started.toISOString(),
      sourceIndex: 0,
      source: undefined,
      file: undefined,
      image: undefined,
      failedSync: undefined,
      observation: { observed, gone: false },
      currentAsOf: started.toISOString(),
      relation: { revision, answer: { relation, namesImage: true }, askedAt: started.toISOString() },
      contained: undefined,
      windows: [],
      ...evidence,
    },
    now,
    limits,
  );
}

function says(actual: Verdict, is: Verdict['is'], words: RegExp) {
  assert.equal(actual.is, is, JSON.stringify(actual));
  assert.match('message' in actual ? actual.message : actual.revision, words);
}

describe('judge', () => {
  it('arrived: Synced at our commit, the operation over, its health younger than that, Healthy', () => {
    assert.deepEqual(verdict(ours, {}), { is: 'arrived', revision: ours, rendered: true });
  });

  it('arrived: at a later commit of somebody else that contains ours and names our image', () => {
    const relation = { revision: sha('2'), answer: { relation: 'contains' as const, namesImage: true }, askedAt: '' };
    assert.equal(verdict(sha('2'), {}, { relation }).is, 'arrived');
  });

  it('arrived: no rendered change, so that there never was an operation on our revision', () => {
    const operation = { phase: 'Succeeded', finishedAt: '2026-02-01T00:00:00Z', revisions: [old] };
    assert.deepEqual(verdict(ours, { operation }), { is: 'arrived', revision: ours, rendered: false });
  });

  it('waits: OutOfSync and Healthy right after the push; that health is the old one', () => {
    says(
      verdict(ours, { sync: { status: 'OutOfSync', revisions: [ours] } }),
      'waiting',
      /OutOfSync, auto-sync has not begun/,
    );
    const off = { sync: { status: 'OutOfSync', revisions: [ours] }, autoSync: false };
    says(verdict(ours, off), 'blocked', /OutOfSync, auto-sync is off/);
  });

  it('waits: the sync is under way', () => {
    says(verdict(ours, { operationPending: true }), 'waiting', /syncing/);
    const operation = { phase: 'Running', message: 'waiting for hook migrate', revisions: [ours] };
    says(verdict(ours, { operation }), 'waiting', /waiting for hook migrate/);
  });

  it('waits: Running with finishedAt is a failed sync that will be tried again', () => {
    const operation = {
      phase: 'Running',
      finishedAt: '2026-03-01T12:00:09Z',
      retryCount: 2,
      message: 'one or more objects failed',
      revisions: [ours],
    };
    says(verdict(ours, { operation, operationPending: true }), 'waiting', /sync retry 2: one or more objects failed/);
  });

  it('waits and asks for a refresh: health from before the operation ended', () => {
    const actual = verdict(ours, { reconciledAt: '2026-03-01T12:00:08Z' });
    says(actual, 'waiting', /its status is from before the sync ended/);
    assert.equal(actual.is === 'waiting' && actual.refresh, true);
    assert.equal(
      verdict(ours, { reconciledAt: '2026-03-01T12:00:09Z' }).is,
      'arrived',
      'whole seconds: the same will do',
    );
  });

  it('waits and asks for a refresh: the revision is behind our commit', () => {
    const actual = verdict(old, {});
    says(actual, 'waiting', /is at 00000000, behind our commit 11111111/);
    assert.equal(actual.is === 'waiting' && actual.refresh, true);
  });

  it('waits: what cannot be told is not guessed', () => {
    says(verdict(ours, {}, { relation: undefined }), 'asking', /asking how 11111111 relates/);
    const relation = {
      revision: ours,
      answer: { relation: 'unknown' as const, message: 'the remote hangs' },
      askedAt: '',
    };
    says(verdict(ours, {}, { relation }), 'waiting', /cannot tell .*: the remote hangs/);
    says(verdict(ours, {}, { currentAsOf: undefined }), 'waiting', /has not said yet that its picture is current/);
    says(verdict(ours, {}, { observation: undefined }), 'waiting', /has not seen this Application/);
  });

  it('failed: the sync of our revision failed, though Synced and Healthy (a PostSync hook)', () => {
    const operation = { phase: 'Failed', message: 'hook failed', failures: ['Job/migrate: exit 1'], revisions: [ours] };
    says(verdict(ours, { operation }), 'failed', /sync Failed: hook failed: Job\/migrate: exit 1/);
  });

  it('waits: the sync of an older revision failed, which is not ours', () => {
    const operation = { phase: 'Failed', message: 'old', revisions: [old] };
    const sync = { status: 'OutOfSync', revisions: [ours] };
    const failedSync = { revision: old, answer: { relation: 'behind' as const }, askedAt: '' };
    says(verdict(ours, { operation, sync }, { failedSync }), 'waiting', /OutOfSync/);
    says(verdict(ours, { operation, sync }), 'asking', /a sync of 00000000 has failed; asking/);
    const unknown = { ...failedSync, answer: { relation: 'unknown' as const, message: 'the remote hangs' } };
    says(verdict(ours, { operation, sync }, { failedSync: unknown }), 'waiting', /cannot tell .*: the remote hangs/);
  });

  it('waits: the files at the revision cannot be read, so that nobody knows what runs', () => {
    const answer = { relation: 'contains' as const, message: 'apps/dev/kustomization.yaml has a tagSuffix' };
    const relation = { revision: ours, answer, askedAt: '' };
    says(
      verdict(ours, {}, { relation, file: 'apps/dev/kustomization.yaml' }),
      'waiting',
      /still names our image: .*tagSuffix/,
    );
  });

  it('blocked: nothing was deployed for our commit, and another image of the repository runs', () => {
    const operation = { phase: 'Succeeded', finishedAt: '2026-02-01T00:00:00Z', revisions: [old] };
    const image = { repository: 'docker.io/acme/storefront', tag: '1.1.0' };
    const runs = (images: string[], change: Partial<Observed> = {}, wanted: object = image) =>
      verdict(ours, { operation, images, ...change }, { image: { ...image, ...wanted } });
    says(runs(['acme/storefront:1.0.0', 'busybox']), 'blocked', /nothing to deploy .* acme\/storefront:1\.0\.0 runs/);
    says(runs([`acme/storefront@sha256:${'a'.repeat(64)}`]), 'blocked', /sha256/);
    assert.equal(
      runs(['acme/storefront:1.0.0', 'acme/storefront:1.1.0']).is,
      'arrived',
      'the old one may still be there',
    );
    assert.equal(runs([`acme/storefront:1.1.0@sha256:${'a'.repeat(64)}`]).is, 'arrived');
    assert.equal(runs(['busybox', 'no image!']).is, 'arrived', 'nothing of it may run');
    const rendered = { operation: { ...operation, revisions: [ours] } };
    assert.equal(runs(['acme/storefront:1.0.0'], rendered).is, 'arrived', 'its pods may be those of a finished Job');
  });

  it('blocked: its source was changed after our commit', () => {
    const source = { repository: 'https://git.test/acme/deploy', branch: 'refs/heads/main', path: 'apps/dev' };
    assert.equal(verdict(ours, {}, { source }).is, 'arrived', 'whatever its spelling');
    const [now] = anApplication('dev', ours).sources;
    const changed = { path: 'apps/other', targetRevision: 'release', repository: 'https://git.test/acme/other' };
    for (const [key, value] of Object.entries(changed)) {
      const sources = [{ ...(now as Observed['sources'][number]), [key]: value }];
      says(verdict(ours, { sources }, { source }), 'blocked', /its source was changed after our commit, and is https/);
    }
    says(verdict(ours, {}, { source, sourceIndex: 1 }), 'blocked', /and is none now/);
    const unreadable = { sources: [], errors: [{ type: 'UnreadableError', message: 'spec: no object' }] };
    says(
      verdict('', { ...unreadable, sync: { status: 'Unknown', revisions: [] } }, { source }),
      'waiting',
      /no object/,
    );
  });

  it('waits while Degraded, fails when the grace is over', () => {
    const health = { status: 'Degraded', message: 'crash loop' };
    const observed = anApplication('dev', ours, { health });
    const observation = { observed, gone: false, degradedSince: started.toISOString() };
    const at = (ms: number) => new Date(started.getTime() + ms);
    const fresh = { currentAsOf: at(150_000).toISOString(), observation };
    says(verdict(ours, {}, fresh, at(119_999)), 'waiting', /Degraded: crash loop/);
    says(verdict(ours, {}, fresh, at(120_000)), 'failed', /Degraded: crash loop \(since/);
    const committedAt = at(60_000).toISOString();
    says(verdict(ours, {}, { ...fresh, committedAt }, at(179_999)), 'waiting', /Degraded: crash loop/);
    says(verdict(ours, {}, { ...fresh, committedAt }, at(180_000)), 'failed', /Degraded: crash loop \(since/);
  });

  it('failed: somebody changed the image after our commit; it is reported, not fought', () => {
    const answer = { relation: 'contains' as const, namesImage: false, named: 'docker.io/acme/storefront:0.9.0' };
    const relation = { revision: sha('2'), answer, askedAt: '' };
    says(verdict(sha('2'), {}, { relation }), 'failed', /name not our image but docker.io\/acme\/storefront:0.9.0/);
  });

  it('waits: frozen, being deleted, gone, or with an error of Argo CD’s own', () => {
    says(verdict(ours, { frozen: true }), 'blocked', /skip-reconcile/);
    says(verdict(ours, { deleting: true }), 'blocked', /being deleted/);
    says(
      verdict(ours, { errors: [{ type: 'ComparisonError', message: 'no repo' }] }),
      'waiting',
      /ComparisonError: no repo/,
    );
    const observation = { observed: anApplication('dev', ours), gone: true };
    says(verdict(ours, {}, { observation }), 'blocked', /does not exist any more/);
  });

  it('arrived where nothing had to be committed: any synced revision that names the image will do', () => {
    const commit = { part: 0, repository: 'r', branch: 'b', revision: ours, applications: [] };
    assert.equal(verdict(old, {}, { commit }).is, 'arrived');
  });
});
