import assert from 'node:assert/strict';
import { projectObserved } from '@k8sta/contracts';
import { projects } from './projects.js';

const now = new Date('2026-03-01T12:00:11Z');
const kind = projects('default');

function project(resourceVersion: number, spec: unknown) {
  const identity = { namespace: 'argocd', name: 'shop', uid: 'uid-of-shop', creationTimestamp: '2026-03-01T09:00:00Z' };
  return { kind: 'AppProject', metadata: { ...identity, resourceVersion: String(resourceVersion) }, spec };
}

function read(object: unknown) {
  const slice = kind.read(object, now);
  assert.ok('slice' in slice, JSON.stringify(slice));
  assert.deepEqual(projectObserved.schema.parse(slice.slice), slice.slice, 'it can be published');
  return slice.slice;
}

const night = { kind: 'deny', schedule: '0 22 * * *', duration: '8h' };

describe('projects', () => {
  it('are read for their sync windows', () => {
    const spec = {
      sourceRepos: ['*'],
      syncWindows: [
        { ...night, applications: ['*-prod'], namespaces: [], clusters: null, manualSync: true, timeZone: '' },
        { ...night, kind: 'allow', timeZone: 'Europe/Berlin', andOperator: true, description: 'by day' },
      ],
    };
    assert.deepEqual(read(project(7, spec)), {
      ...{ instance: 'default', namespace: 'argocd', name: 'shop', uid: 'uid-of-shop', resourceVersion: '7' },
      observedAt: '2026-03-01T12:00:11.000Z',
      syncWindows: [
        { ...night, applications: ['*-prod'], manualSync: true },
        { ...night, kind: 'allow', timeZone: 'Europe/Berlin', andOperator: true },
      ],
    });
  });

  it('may have no windows, invalid ones that Argo CD ignores, or very many', () => {
    assert.deepEqual(read(project(7, {})).syncWindows, []);
    assert.deepEqual(read(project(7, null)).syncWindows, []);
    const syncWindows = [{ ...night, kind: 'maybe' }, 'nonsense', null, ...Array.from({ length: 100 }, () => night)];
    assert.equal(read(project(7, { syncWindows })).syncWindows.length, 47);
  });

  for (const object of [undefined, {}, { metadata: { name: 'x' } }, project(7, { syncWindows: 'none' })]) {
    it(`are skipped with a reason if they are ${JSON.stringify(object)}`, () => {
      const slice = kind.read(object, now);
      assert.ok('fault' in slice && slice.fault.length > 0);
    });
  }

  it('are published again only if their windows have changed', () => {
    const before = read(project(7, { syncWindows: [night] }));
    assert.equal(kind.compare(undefined, before), 'changed');
    assert.equal(kind.compare(before, read(project(8, { syncWindows: [night], sourceRepos: [] }))), 'same');
    assert.equal(kind.compare(before, read(project(8, { syncWindows: [] }))), 'changed');
    assert.equal(kind.compare(before, read(project(6, { syncWindows: [] }))), 'older');
  });
});
