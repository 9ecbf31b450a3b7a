import assert from 'node:assert/strict';
import { project, type Slice } from '@k8sta/applications';
import { type ApplicationObject, changed, sha, synced } from '@k8sta/applications/fixture';
import { compare, goneEvent, observedEvent } from './observe.js';

const now = new Date('2026-03-01T12:00:11Z');

function sliceOf(object: ApplicationObject, readAt = now): Slice {
  const read = project(object, { instance: 'default', now: readAt });
  assert.ok('slice' in read);
  return read.slice;
}

/** The next state of the Application. */
function next(change: (object: ApplicationObject) => void, before = synced()): ApplicationObject {
  return changed(before, (object) => {
    object.metadata['resourceVersion'] = String(Number(object.metadata['resourceVersion']) + 1);
    change(object);
  });
}

const finishedLater = next(({ status }) => {
  status['operationState'] = { phase: 'Succeeded', finishedAt: '2026-03-01T12:30:00Z' };
});

/** In the middle of a sync, of an Application whose manifests are hydrated. */
const before = changed(synced(), ({ spec, status }) => {
  const message = 'waiting for completion of hook batch/Job/migrate-1 and 3 more hooks';
  Object.assign(status['operationState'] as object, { message });
  Object.assign(spec, { sourceHydrator: { drySource: spec['source'] } });
});

describe('compare', () => {
  it('finds that the first slice is a change', () => assert.equal(compare(undefined, sliceOf(synced())), 'changed'));

  const meaningful: Record<string, (object: ApplicationObject) => void> = {
    'the sync status': ({ status }) => Object.assign(status['sync'] as object, { status: 'OutOfSync' }),
    'the revision': ({ status }) => Object.assign(status['sync'] as object, { revision: sha('b') }),
    'the health': ({ status }) => Object.assign(status['health'] as object, { status: 'Degraded' }),
    "the health's message": ({ status }) => Object.assign(status['health'] as object, { message: 'waiting' }),
    'an operation that is asked for': (object) => Object.assign(object, { operation: { sync: {} } }),
    "the operation's phase": ({ status }) => Object.assign(status['operationState'] as object, { phase: 'Running' }),
    "the operation's start": ({ status }) =>
      Object.assign(status['operationState'] as object, { startedAt: '2026-03-01T12:00:01Z' }),
    "the operation's end": ({ status }) =>
      Object.assign(status['operationState'] as object, { finishedAt: '2026-03-01T12:00:06Z' }),
    "the operation's retries": ({ status }) => Object.assign(status['operationState'] as object, { retryCount: 1 }),
    "the operation's message": ({ status }) => Object.assign(status['operationState'] as object, { message: 'hook' }),
    'which hook it waits for': ({ status }) =>
      Object.assign(status['operationState'] as object, {
        message: 'waiting for completion of hook batch/Job/migrate-2',
      }),
    'an error': ({ status }) => Object.assign(status, { conditions: [{ type: 'SyncError', message: 'no' }] }),
    'the path': ({ spec }) => Object.assign(spec, { sourceHydrator: { drySource: { path: 'elsewhere' } } }),
    'a label': ({ metadata }) => Object.assign(metadata, { labels: { team: 'a' } }),
    'the destination': ({ spec }) => Object.assign(spec, { destination: { name: 'elsewhere' } }),
    'how far it is hydrated': ({ status }) =>
      Object.assign(status, { sourceHydrator: { lastSuccessfulOperation: { drySHA: sha('c') } } }),
    'auto-sync': ({ spec }) => Object.assign(spec, { syncPolicy: {} }),
    'what a pending sync is asked for': (object) =>
      Object.assign(object, { operation: { sync: { revision: sha('c') } } }),
    'self-heal': ({ spec }) => Object.assign(spec, { syncPolicy: { automated: { selfHeal: true } } }),
    'a resource that fails': ({ status }) =>
      Object.assign(status['operationState'] as object, {
        syncResult: { resources: [{ kind: 'Job', name: 'migrate', status: 'SyncFailed', message: 'quota' }] },
      }),
    'a person freezing it': ({ metadata }) =>
      Object.assign(metadata, { annotations: { 'argocd.argoproj.io/skip-reconcile': 'true' } }),
    'its deletion': ({ metadata }) => Object.assign(metadata, { deletionTimestamp: '2026-03-01T12:00:00Z' }),
    'the source type': ({ status }) => Object.assign(status, { sourceType: 'Helm' }),
    'the images': ({ status }) => Object.assign(status, { summary: { images: [] } }),
  };
  for (const [what, change] of Object.entries(meaningful)) {
    it(`finds that ${what} changes something`, () =>
      assert.equal(compare(sliceOf(before), sliceOf(next(change, before))), 'changed'));
  }

  const meaningless: Record<string, (object: ApplicationObject) => void> = {
    'a write': () => {},
    'a reconcile': ({ status }) => Object.assign(status, { reconciledAt: '2026-03-01T12:03:10Z' }),
    'a warning': ({ status }) => Object.assign(status, { conditions: [{ type: 'OrphanedResourceWarning' }] }),
    'a resource': ({ status }) => Object.assign(status, { resources: [], history: [] }),
    'how much of a wave is done': ({ status }) =>
      Object.assign(status['operationState'] as object, {
        message: 'waiting for completion of hook batch/Job/migrate-1 and 2 more hooks',
      }),
    'our own annotation': ({ metadata }) =>
      Object.assign(metadata, { annotations: { 'argocd.argoproj.io/refresh': 'normal' } }),
  };
  for (const [what, change] of Object.entries(meaningless)) {
    it(`finds that ${what} changes nothing`, () =>
      assert.equal(compare(sliceOf(before), sliceOf(next(change, before), new Date(now.getTime() + 1))), 'same'));
  }

  it('ignores an error that the repo-server repeats from its cache', () => {
    const failing = (words: string) =>
      changed(synced(), ({ status }) => {
        status['conditions'] = [{ type: 'ComparisonError', message: `rpc error: desc = ${words}exit status 1` }];
      });
    const first = failing('');
    const repeated = next(() => {}, failing('Manifest generation error (cached): '));
    assert.equal(compare(sliceOf(first), sliceOf(repeated)), 'same');
    assert.equal(compare(sliceOf(first), sliceOf(next(() => {}, failing('timeout: ')))), 'changed');
  });

  it('ignores a higher count in the message of a failing resource', () => {
    const failing = (message: string) =>
      changed(synced(), ({ status }) => {
        const resources = [{ kind: 'Job', name: 'migrate', status: 'SyncFailed', message }];
        status['operationState'] = { phase: 'Running', syncResult: { resources } };
      });
    const [first, second] = [
      failing('try 1 of 5 at /dev/shm/123'),
      next(() => {}, failing('try 2 of 5 at /dev/shm/456')),
    ];
    assert.equal(compare(sliceOf(first), sliceOf(second)), 'same');
  });

  it('finds the first reconcile after the operation, which updates sync and health', () => {
    const reconciled = next(
      ({ status }) => Object.assign(status, { reconciledAt: '2026-03-01T12:30:01Z' }),
      finishedLater,
    );
    assert.equal(compare(sliceOf(finishedLater), sliceOf(reconciled)), 'changed');
    const again = next(({ status }) => Object.assign(status, { reconciledAt: '2026-03-01T12:40:00Z' }), reconciled);
    assert.equal(compare(sliceOf(reconciled), sliceOf(again)), 'same');
  });

  it('ignores a reconcile that is older than the end of the operation', () => {
    const late = next(({ status }) => Object.assign(status, { reconciledAt: '2026-03-01T12:29:00Z' }), finishedLater);
    assert.equal(compare(sliceOf(finishedLater), sliceOf(late)), 'changed');
  });

  it('finds a reconcile after one in the second in which the operation ended, while it is OutOfSync', () => {
    const outOfSync = changed(finishedLater, ({ status }) => {
      Object.assign(status, { reconciledAt: '2026-03-01T12:30:00Z' });
      Object.assign(status['sync'] as object, { status: 'OutOfSync' });
    });
    const reconcile = (before: ApplicationObject) =>
      next(({ status }) => Object.assign(status, { reconciledAt: '2026-03-01T12:31:00Z' }), before);
    assert.equal(compare(sliceOf(outOfSync), sliceOf(reconcile(outOfSync))), 'changed');
    const synced = changed(outOfSync, ({ status }) => Object.assign(status['sync'] as object, { status: 'Synced' }));
    assert.equal(compare(sliceOf(synced), sliceOf(reconcile(synced))), 'same');
  });

  it('finds the first reconcile', () => {
    const never = next(({ status }) => Object.assign(status, { reconciledAt: null, operationState: null }));
    const first = next(({ status }) => Object.assign(status, { reconciledAt: '2026-03-01T12:00:00Z' }), never);
    assert.equal(compare(sliceOf(never), sliceOf(first)), 'changed');
  });

  const at = (uid: string, resourceVersion: string, creationTimestamp = '2026-03-01T09:00:00Z') =>
    sliceOf(changed(synced(), ({ metadata }) => Object.assign(metadata, { uid, resourceVersion, creationTimestamp })));

  it('orders by resourceVersion as an integer of any size', () => {
    assert.equal(compare(at('a', '1000'), at('a', '999')), 'older');
    assert.equal(compare(at('a', '999'), at('a', '1000')), 'same');
    assert.equal(compare(at('a', '18446744073709551615'), at('a', '18446744073709551614')), 'older');
    assert.equal(compare(at('a', '1000'), at('a', '1000')), 'same');
  });

  it('orders objects of one name by their time of creation', () => {
    assert.equal(compare(at('a', '1000'), at('b', '7', '2026-03-01T10:00:00Z')), 'changed');
    assert.equal(compare(at('b', '7', '2026-03-01T10:00:00Z'), at('a', '1000')), 'older');
    assert.equal(compare(at('a', '1000'), at('b', '1001')), 'changed');
  });
});

describe('an event', () => {
  it('has an id from the version of the Application, never from its content', () => {
    const slice = sliceOf(synced());
    assert.equal(observedEvent(slice).id, `application.observed/argocd/storefront-dev/${slice.uid}/1000`);
    assert.deepEqual(goneEvent(slice, '1001', now), {
      type: 'application.gone',
      id: `application.gone/argocd/storefront-dev/${slice.uid}/1001`,
      data: {
        instance: 'default',
        namespace: 'argocd',
        name: 'storefront-dev',
        uid: slice.uid,
        resourceVersion: '1001',
        observedAt: '2026-03-01T12:00:11.000Z',
      },
    });
  });
});
