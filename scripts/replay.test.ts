import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { projects } from '../services/argo-watcher/src/projects.js';
import { readCommits } from './replay/commits.js';
import { type Change, Replay, type ReplayOptions } from './replay/replay.js';
import { readObjects, readTrace, type TraceEvent } from './replay/trace.js';

const traces = fileURLToPath(new URL('replay/traces/', import.meta.url));
const policy = { degradedGraceMs: 120_000, settleMs: 5_000, settleAfterRolloutMs: 1_000, askAgainMs: 5_000 };

interface Played {
  readonly changes: Change[];
  readonly events: TraceEvent[];
}

async function play(name: string, windows: ReplayOptions['windows'] = {}): Promise<Played> {
  const replay = new Replay({ commits: await readCommits(`${traces}${name}.commits.json`), policy, windows });
  const [changes, events]: [Change[], TraceEvent[]] = [[], []];
  for await (const event of readTrace(`${traces}${name}.jsonl.gz`)) {
    changes.push(...replay.take(event));
    events.push(event);
  }
  const end = events.at(-1)?.at.getTime() ?? 0;
  changes.push(...replay.runTo(new Date(end + 60_000)));
  return { changes, events };
}

/** The sync windows that were open while `f-deny-window` was recorded. */
async function denyWindow(): Promise<ReplayOptions['windows']> {
  const [{ object } = { object: {} }] = await readObjects(`${traces}f-deny-window.projects.json`, 'AppProject');
  const read = projects('default').read(object, new Date(0));
  assert.ok('slice' in read);
  return { [read.slice.name]: read.slice.syncWindows };
}

/** `waiting Progressing` of each change. */
const saysOf = ({ verdict }: Change) => (verdict.is === 'arrived' ? 'arrived' : `${verdict.is} ${verdict.reason}`);
const messageOf = ({ verdict }: Change) => ('message' in verdict ? verdict.message : '');
const asksForRefresh = ({ verdict }: Change) => verdict.is === 'waiting' && verdict.refresh === true;

/** Each Application and commit, in the order of the commits, with how it ended. */
function ends({ changes }: Played): Record<string, string> {
  return Object.fromEntries(
    changes.map((change) => [
      `${change.application.replace('argocd/', '')} ${change.commit.slice(0, 4)}`,
      saysOf(change),
    ]),
  );
}

function of({ changes }: Played, application: string): Change[] {
  return changes.filter((change) => change.application === `argocd/${application}`);
}

function only(played: Played, application: string, says: string): Change[] {
  const found = of(played, application).filter((change) => saysOf(change) === says);
  assert.ok(found.length > 0, `${application} is never ${says}`);
  return found;
}

describe('a recorded trace', () => {
  for (const [name, arrivals] of Object.entries({
    'a-happy-refresh': 4,
    'a0-git-unreachable-for-argo': 4,
    'b-no-refresh': 4,
    'f-manifest-generate-paths': 2,
    'f-targetRevision-HEAD-and-empty': 2,
    'f-server-side-apply': 2,
    'f-selfheal-kubectl-set-image': 2,
    'e-controller-kill9-mid-sync': 2,
  })) {
    it(`${name} arrives everywhere`, async () => {
      const all = ends(await play(name));
      assert.equal(Object.keys(all).length, arrivals, JSON.stringify(all));
      assert.deepEqual(new Set(Object.values(all)), new Set(['arrived']));
    });
  }

  it('a-happy-refresh arrives a second after each rollout', async () => {
    const played = await play('a-happy-refresh');
    for (const { at } of played.changes.filter((change) => saysOf(change) === 'arrived')) {
      const healthy = played.events.some((event) => event.at.getTime() === Date.parse(at) - 1_000);
      assert.ok(healthy, at);
    }
    assert.ok(played.changes.every(({ verdict }) => verdict.is !== 'failed' && verdict.is !== 'blocked'));
    // The first write of a sync sets `operation` before the status knows the revision.
    assert.ok(!played.changes.some((change) => saysOf(change) === 'waiting OtherSyncRunning'));
  });

  it("a0-git-unreachable-for-argo shows Argo CD's error, asks for a refresh and stays fresh", async () => {
    const [change] = only(await play('a0-git-unreachable-for-argo'), 'storefront-dev', 'waiting ComparisonFailed');
    assert.ok(change?.verdict.is === 'waiting' && change.verdict.refresh && !change.verdict.blind);
    assert.match(change.verdict.message, /^argocd\/storefront-dev: ComparisonError: Failed to load target state: /);
    assert.doesNotMatch(change.verdict.message, /no commit id/);
  });

  it("e-controller-kill9-mid-sync asks for a refresh while nothing changes, and shows Argo CD's error", async () => {
    const played = await play('e-controller-kill9-mid-sync');
    const silent = only(played, 'ctrl-dev', 'waiting SyncRunning').filter(asksForRefresh);
    assert.deepEqual(
      silent.map(({ at }) => at),
      ['2026-11-26T20:12:38.298Z'],
      'a minute after the last event before the controller was killed',
    );
    for (const change of only(played, 'ctrl-dev', 'waiting SyncRetrying')) {
      assert.match(messageOf(change), /^argocd\/ctrl-dev: ComparisonError: .*connection refused"; sync retry \d of 5/);
    }
  });

  it('c-degraded-then-good fails Degraded after the grace, and the fix arrives', async () => {
    const played = await play('c-degraded-then-good');
    const all = {
      'degraded-dev 8bef': 'failed Degraded',
      'degraded-dev 1bce': 'arrived',
      'degraded-prod 48f7': 'arrived',
    };
    assert.deepEqual(ends(played), all);
    const [failed] = only(played, 'degraded-dev', 'failed Degraded');
    assert.equal(failed?.at, '2026-11-26T20:10:39.544Z');
  });

  it('c-progressing-for-ever-then-newer-good waits with the deadline running, and the newer one arrives', async () => {
    const played = await play('c-progressing-for-ever-then-newer-good');
    assert.deepEqual(ends(played), {
      'stuck-dev f99c': 'waiting Progressing',
      'stuck-dev 208d': 'waiting Progressing',
      'stuck-dev a049': 'arrived',
      'stuck-prod 8f60': 'arrived',
    });
    assert.ok(only(played, 'stuck-dev', 'waiting Progressing').some(asksForRefresh), 'after a minute');
  });

  it("e-kustomize-build-error waits for the deadline with Argo CD's error", async () => {
    const played = await play('e-kustomize-build-error');
    assert.equal(ends(played)['render-prod ab88'], 'waiting ComparisonFailed');
    const changes = only(played, 'render-prod', 'waiting ComparisonFailed');
    assert.equal(changes.length, 1, 'the same error from the cache of the repo server is not a change');
    assert.match(messageOf(changes[0] as Change), /kustomize build .* failed exit status 1.*missing\.yaml/);
    assert.ok(changes.every(asksForRefresh));
  });

  it('e-invalid-manifest-retries names the failing resource in each retry', async () => {
    const all = only(await play('e-invalid-manifest-retries'), 'invalid-prod', 'waiting SyncRetrying');
    const changes = all.filter((change) => !asksForRefresh(change));
    assert.equal(changes.length, 9, 'five failed attempts and four that run');
    const cause =
      /^argocd\/invalid-prod: Deployment invalid-prod\/invalid: .*spec\.replicas: Invalid value: -1: .*; sync retry/;
    for (const change of changes) assert.match(messageOf(change), cause);
    assert.match(messageOf(changes.at(-1) as Change), /; sync retry 5 of 5, next at 8:12PM$/);
  });

  it('e-presync-hook-fails-2-retries names the failing hook in each retry, and then fails', async () => {
    const played = await play('e-presync-hook-fails-2-retries');
    const cause = /PreSync hook hook failed: Job has reached the specified backoff limit/;
    for (const change of only(played, 'retry-dev', 'waiting SyncRetrying')) assert.match(messageOf(change), cause);
    const [failed] = only(played, 'retry-dev', 'failed SyncFailed');
    assert.match(messageOf(failed as Change), cause);
  });

  it('f-auto-sync-off, f-deny-window, f-skip-reconcile are blocked, so that the deadline is paused', async () => {
    assert.equal(ends(await play('f-auto-sync-off'))['autooff-prod 3b75'], 'blocked AutoSyncOff');
    assert.equal(ends(await play('f-skip-reconcile'))['frozen-prod 0892'], 'blocked SkipReconcile');
    const denied = await play('f-deny-window', await denyWindow());
    assert.equal(ends(denied)['window-prod 6e80'], 'blocked SyncWindowClosed');
    assert.match(
      messageOf(of(denied, 'window-prod').at(-1) as Change),
      /project windowed .*deny "0 20 \* \* \*" for 1h/,
    );
  });

  it("f-person-commits-other-tag is reported as a person's change", async () => {
    const played = await play('f-person-commits-other-tag');
    assert.deepEqual(ends(played), { 'person-dev 2be0': 'failed ChangedByOther', 'person-prod d402': 'arrived' });
    const message = messageOf(of(played, 'person-dev').at(-1) as Change);
    assert.match(message, /name acme\/person:0\.9\.0 instead of our image: a person or another tool changed them/);
  });

  it("f-rollback-by-operation is reported as Argo CD's rollback", async () => {
    const played = await play('f-rollback-by-operation');
    assert.deepEqual(ends(played), { 'rollback-dev 9ad4': 'failed ChangedByOther' });
    assert.match(
      messageOf(played.changes.at(-1) as Change),
      /: admin rolled back in Argo CD to 43cc3e6d, after our commit/,
    );
  });

  it('f-noheal-kubectl-set-image says that a person has to act', async () => {
    const played = await play('f-noheal-kubectl-set-image');
    assert.deepEqual(ends(played), { 'noheal-dev 8630': 'waiting SelfHealOff' });
    assert.match(messageOf(played.changes.at(-1) as Change), /self-heal is off; nothing happens by itself/);
  });

  it('f-kustomize-images-override does not arrive: the override runs', async () => {
    const played = await play('f-kustomize-images-override');
    assert.deepEqual(ends(played), { 'override-dev 13b2': 'waiting NothingDeployed' });
    assert.match(
      messageOf(played.changes.at(-1) as Change),
      /nothing to deploy for our commit, and acme\/override:1\.0\.0 runs/,
    );
  });

  it('never arrives before Argo CD was Synced, Healthy and fresh', async () => {
    const names = (await readdir(traces)).filter((name) => name.endsWith('.jsonl.gz'));
    assert.equal(names.length, 20);
    for (const name of names.map((file) => file.replace('.jsonl.gz', ''))) {
      const { changes, events } = await play(name);
      for (const { at, application } of changes.filter((change) => saysOf(change) === 'arrived')) {
        const last = events.findLast((event) => event.at <= new Date(at) && keyOf(event) === application);
        assertSettled(last?.object as Argo, `${name}: ${application} at ${at}`);
      }
    }
  });
});

/** An Application as Kubernetes sent it. */
interface Argo {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly operation?: object;
  readonly status: {
    readonly sync: { readonly status: string };
    readonly health: { readonly status: string };
    readonly reconciledAt: string;
    readonly operationState: { readonly phase: string; readonly finishedAt: string };
  };
}

function keyOf({ object }: TraceEvent): string {
  const { namespace, name } = (object as Argo).metadata;
  return `${namespace}/${name}`;
}

function assertSettled({ operation, status }: Argo, where: string): void {
  const { sync, health, reconciledAt, operationState } = status;
  assert.equal(operation, undefined, where);
  assert.deepEqual([sync.status, health.status, operationState.phase], ['Synced', 'Healthy', 'Succeeded'], where);
  assert.ok(reconciledAt >= operationState.finishedAt, where);
}
