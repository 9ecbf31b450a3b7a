import assert from 'node:assert/strict';
import { sha } from './application.fixture.js';
import { sliceWith } from './slice.fixture.js';

describe('the slice of a sync', () => {
  it('keeps the requested revision of a sync that has not started', () => {
    const slice = sliceWith((object) => {
      Object.assign(object, { operation: { sync: {} } });
      object.status['operationState'] = { phase: 'Running', operation: { sync: { revision: sha('d') } } };
    });
    assert.equal(slice.operationPending, true);
    assert.deepEqual(slice.operation?.revisions, [sha('d')]);
  });

  it('keeps the requested revisions of a pending sync, who started the last one, and the history', () => {
    const slice = sliceWith((object) => {
      Object.assign(object, { operation: { sync: { revision: sha('c') }, initiatedBy: { automated: true } } });
      const initiatedBy = { username: 'alice' };
      object.status['operationState'] = {
        phase: 'Succeeded',
        operation: { sync: { revision: sha('b') }, initiatedBy },
      };
      const ids = ['0', '1', '2', '3', '4', '5', '6', '8', '9', 'a', 'b'];
      object.status['history'] = [...ids.map((id) => ({ revision: sha(id) })), { revisions: ['1.2.3', sha('7')] }];
    });
    assert.deepEqual(slice.requestedRevisions, [sha('c')]);
    assert.deepEqual([slice.operation?.initiatedBy, slice.operation?.automated], ['alice', undefined]);
    const [third, ...rest] = slice.history ?? [];
    assert.deepEqual([third, rest.length, rest.at(-1)], [[sha('2')], 9, ['1.2.3', sha('7')]], 'the last ten');
    const automated = sliceWith(({ status }) => {
      status['operationState'] = { phase: 'Succeeded', operation: { initiatedBy: { automated: true } } };
    });
    assert.deepEqual([automated.operation?.initiatedBy, automated.operation?.automated], [undefined, true]);
  });

  it('removes the names of temporary files, which change with each attempt', () => {
    const says = (file: string) => `error when patching "/dev/shm/${file}": Deployment.apps "web" is invalid`;
    const slice = sliceWith(({ status }) => {
      const resources = [{ kind: 'Deployment', name: 'web', status: 'SyncFailed', message: says('2538932053') }];
      status['operationState'] = { phase: 'Running', message: says('2538932053'), syncResult: { resources } };
    });
    assert.equal(slice.operation?.message, says('...'));
    assert.deepEqual(slice.operation?.failures, [`Deployment web: ${says('...')}`]);
  });

  it('names the resources and hooks that failed', () => {
    const slice = sliceWith(({ status }) => {
      status['operationState'] = {
        phase: 'Failed',
        retryCount: 2,
        operation: { retry: { limit: 5 } },
        syncResult: {
          resources: [
            { kind: 'Service', namespace: 'shop', name: 'web', status: 'Synced', hookPhase: 'Running' },
            { kind: 'Deployment', namespace: 'shop', name: 'web', status: 'SyncFailed', message: 'quota' },
            { kind: 'Job', name: 'migrate', hookType: 'PostSync', hookPhase: 'Failed', message: 'exit 1' },
            { kind: 'Job', name: 'smoke', hookType: 'PostSync', hookPhase: 'Error' },
            { kind: 'Namespace', name: 'shop', status: 'SyncFailed' },
          ],
        },
      };
    });
    assert.deepEqual([slice.operation?.retryCount, slice.operation?.retryLimit], [2, 5]);
    assert.deepEqual(slice.operation?.failures, [
      'Deployment shop/web: quota',
      'PostSync hook migrate failed: exit 1',
      'PostSync hook smoke failed',
      'Namespace shop: failed',
    ]);
  });
});
