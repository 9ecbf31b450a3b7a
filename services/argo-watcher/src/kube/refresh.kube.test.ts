import assert from 'node:assert/strict';
import { type ArgoCd, startArgoCd, status } from '@k8sta/sandbox';
import { clusterOf } from './cluster.fixture.js';
import { askByAnnotation } from './refresh.js';

const now = new Date('2026-03-01T12:00:00.250Z');

describe('askByAnnotation', () => {
  let argo: ArgoCd;
  beforeEach(async () => {
    const spec = { repoURL: 'http://127.0.0.1:1/deploy.git', targetRevision: 'main', path: '.' };
    // Frozen, so that the annotations are not taken up.
    const annotations = { 'argocd.argoproj.io/skip-reconcile': 'true' };
    argo = await startArgoCd({ pollMs: 0, applications: [{ ...spec, name: 'a.b', annotations }] });
  });
  afterEach(() => argo.stop());

  const ask = (name: string, idleMs = 10_000) =>
    askByAnnotation(clusterOf(argo.kubeconfig), { idleMs })({ namespace: 'argocd', name }, now);

  it('sets the two annotations and touches nothing else', async () => {
    const before = argo.application('a.b');
    assert.equal(await ask('a.b'), undefined);
    const after = argo.application('a.b');
    assert.deepEqual(after?.metadata.annotations, {
      ...before?.metadata.annotations,
      'argocd.argoproj.io/refresh': 'normal',
      'argocd.argoproj.io/refresh-timestamp': '2026-03-01T12:00:00.250Z',
    });
    assert.deepEqual([after?.spec, after?.status], [before?.spec, before?.status]);
  });

  it("passes on the server's message", async () => {
    assert.equal((await ask('gone'))?.kind, 'absent');
    argo.faults.answer((request) => status.forbidden(request, 'patch'));
    assert.match((await ask('a.b'))?.words ?? '', /^the verb "patch" on .* is not granted/);
    argo.faults.answer(() => status.tooManyRequests(4));
    assert.equal((await ask('a.b'))?.retryAfterMs, 4_000);
    argo.faults.answer(() => 'hang');
    assert.equal((await ask('a.b', 50))?.kind, 'failed');
  });
});
