import assert from 'node:assert/strict';
import { sha, synced } from './application.fixture.js';
import { reading, sliceOf, sliceWith } from './slice.fixture.js';
import { project, unreadableError } from './slice.js';

describe('project', () => {
  it('keeps what a decision depends on, and no credential', () => {
    assert.deepEqual(sliceOf(synced()), {
      instance: 'default',
      namespace: 'argocd',
      name: 'storefront-dev',
      uid: '0b6e5a4c-0000-4000-8000-000000000001',
      resourceVersion: '1000',
      createdAt: '2026-03-01T09:00:00Z',
      observedAt: '2026-03-01T12:00:11.000Z',
      project: 'shop',
      labels: { team: 'web' },
      destination: { server: 'https://kubernetes.default.svc', namespace: 'storefront' },
      sources: [
        {
          repository: 'https://git.example.com/acme/deploy.git',
          targetRevision: 'main',
          path: 'apps/storefront-dev',
          type: 'Kustomize',
        },
      ],
      autoSync: true,
      selfHeal: false,
      frozen: false,
      deleting: false,
      sync: { status: 'Synced', revisions: [sha('a')] },
      health: { status: 'Healthy', since: '2026-03-01T11:59:00Z' },
      reconciledAt: '2026-03-01T12:00:10Z',
      operationPending: false,
      operation: {
        phase: 'Succeeded',
        message: 'successfully synced (all tasks run)',
        startedAt: '2026-03-01T12:00:00Z',
        finishedAt: '2026-03-01T12:00:05Z',
        revisions: [sha('a')],
      },
      history: [[sha('9')]],
      errors: [],
      images: ['ghcr.io/acme/storefront:1.4.2'],
    });
  });

  it('reads an Application that Argo CD has not reconciled yet', () => {
    const { status: _, ...fresh } = synced();
    const slice = sliceOf(fresh);
    assert.deepEqual([slice.sync, slice.health], [{ status: 'Unknown', revisions: [] }, { status: 'Unknown' }]);
    assert.equal(slice.operation, undefined);
  });

  it('reads null and the empty string, as Go writes them, as unset', () => {
    const slice = sliceWith(({ spec, status }) => {
      spec['sources'] = null;
      status['sync'] = { status: '', revision: '', revisions: null };
      status['operationState'] = { phase: 'Running', startedAt: null, finishedAt: null, retryCount: 0 };
      status['conditions'] = null;
    });
    assert.equal(slice.sources.length, 1);
    assert.deepEqual(slice.sync, { status: 'Unknown', revisions: [] });
    assert.deepEqual(slice.operation, { phase: 'Running', revisions: [] });
  });

  it('keeps several sources in order, each with its type and revision', () => {
    const slice = sliceWith(({ spec, status }) => {
      spec['sources'] = [
        { repoURL: 'https://charts.example.com', chart: 'web', targetRevision: '1.2.3' },
        { repoURL: 'https://git.example.com/acme/values', targetRevision: 'main', ref: 'values' },
      ];
      status['sourceType'] = '';
      status['sourceTypes'] = ['Helm', 'Directory'];
      status['sync'] = { status: 'Synced', revision: '', revisions: ['1.2.3', sha('b')] };
      status['operationState'] = { phase: 'Succeeded', syncResult: { revision: '', revisions: ['1.2.3', sha('c')] } };
    });
    assert.deepEqual(slice.sources, [
      { repository: 'https://charts.example.com', targetRevision: '1.2.3', chart: 'web', type: 'Helm' },
      {
        repository: 'https://git.example.com/acme/values',
        targetRevision: 'main',
        ref: 'values',
        type: 'Directory',
      },
    ]);
    assert.deepEqual(slice.sync.revisions, ['1.2.3', sha('b')]);
    assert.deepEqual(slice.operation?.revisions, ['1.2.3', sha('c')]);
  });

  it('lists the overrides and the value files of each source', () => {
    const slice = sliceWith(({ spec }) => {
      spec['sources'] = [
        {
          repoURL: 'https://git.example.com/acme/deploy',
          path: 'a',
          kustomize: { images: ['ghcr.io/acme/shop:1.0.0'] },
        },
        { repoURL: 'https://charts.example.com', chart: 'web', helm: { valueFiles: ['$values/shop/prod.yaml'] } },
      ];
    });
    assert.deepEqual(
      slice.sources.map(({ overrides, valueFiles }) => [overrides, valueFiles]),
      [
        [[{ kind: 'kustomizeImages', value: 'ghcr.io/acme/shop:1.0.0' }], undefined],
        [undefined, ['$values/shop/prod.yaml']],
      ],
    );
  });

  it('shows the dry source and the progress of an Application with a source hydrator', () => {
    const slice = sliceWith(({ spec, status }) => {
      spec['sourceHydrator'] = {
        drySource: { repoURL: 'https://git.example.com/acme/dry', targetRevision: 'main', path: 'apps/web' },
        syncSource: { targetBranch: 'env/dev', path: 'web' },
      };
      status['sync'] = { status: 'Synced', revision: sha('e') };
      status['sourceHydrator'] = {
        lastSuccessfulOperation: { drySHA: sha('c'), hydratedSHA: sha('e') },
        currentOperation: { phase: 'Failed', drySHA: sha('d'), hydratedSHA: '', message: 'no such path' },
      };
    });
    assert.deepEqual(slice.sources, [
      { repository: 'https://git.example.com/acme/dry', targetRevision: 'main', path: 'apps/web', type: 'Kustomize' },
    ]);
    assert.deepEqual(slice.sync.revisions, [sha('e')]);
    assert.deepEqual(slice.hydration, {
      ...{ dryRevision: sha('c'), hydratedRevision: sha('e') },
      ...{ phase: 'Failed', currentDryRevision: sha('d'), message: 'no such path' },
    });
  });

  it('has an empty hydration before the first one, and none without a hydrator', () => {
    assert.equal(sliceOf(synced()).hydration, undefined);
    const slice = sliceWith(({ spec }) => Object.assign(spec, { sourceHydrator: { drySource: {} } }));
    assert.deepEqual(slice.hydration, {});
  });

  it('keeps what decides which files a source reads', () => {
    const slice = sliceWith(({ spec }) => {
      const helm = { valueFiles: ['$values/dev.yaml'], ignoreMissingValueFiles: true };
      const directory = { recurse: true, include: '*.yaml', exclude: '', jsonnet: {} };
      const jsonnet = { recurse: false, jsonnet: { tlas: [{ name: 'env', value: 's3cret' }] } };
      spec['sources'] = [{ helm }, { directory }, { directory: jsonnet }, { directory: {}, helm: {} }];
    });
    const at = { repository: '', targetRevision: '' };
    assert.deepEqual(slice.sources, [
      { ...at, valueFiles: ['$values/dev.yaml'], ignoreMissingValueFiles: true },
      { ...at, directory: { recurse: true, include: '*.yaml' } },
      { ...at, directory: { jsonnet: true } },
      at,
    ]);
  });

  it('bounds the labels, and always keeps the same ones', () => {
    const labels = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`key-${(index * 37) % 100}`, 'x']));
    const slice = sliceWith(({ metadata }) => Object.assign(metadata, { labels }));
    assert.deepEqual(Object.keys(slice.labels ?? {}), Object.keys(labels).sort().slice(0, 64));
    assert.equal(sliceWith(({ metadata }) => Object.assign(metadata, { labels: {} })).labels, undefined);
  });

  for (const [policy, autoSync] of [
    [undefined, false],
    [{}, false],
    [{ automated: null }, false],
    [{ automated: {} }, true],
    [{ automated: { enabled: true } }, true],
    [{ automated: { enabled: false, prune: true } }, false],
  ] as const) {
    it(`reads auto-sync as ${autoSync ? 'on' : 'off'} with syncPolicy ${JSON.stringify(policy)}`, () => {
      const slice = sliceWith(({ spec }) => {
        spec['syncPolicy'] = policy;
      });
      assert.equal(slice.autoSync, autoSync);
    });
  }

  it('shows skip-reconcile, a deletion in progress, and manifest-generate-paths', () => {
    const slice = sliceWith(({ metadata }) => {
      metadata['deletionTimestamp'] = '2026-03-01T12:00:00Z';
      metadata['annotations'] = {
        'argocd.argoproj.io/skip-reconcile': 'true',
        'argocd.argoproj.io/manifest-generate-paths': '.;/base',
      };
    });
    assert.deepEqual([slice.frozen, slice.deleting, slice.manifestGeneratePaths], [true, true, '.;/base']);
  });

  for (const [text, frozen] of [
    ['1', true],
    ['True', true],
    ['yes', false],
    ['false', false],
  ] as const) {
    it(`reads skip-reconcile: "${text}" as Argo CD does`, () => {
      const annotations = { 'argocd.argoproj.io/skip-reconcile': text };
      assert.equal(sliceWith(({ metadata }) => Object.assign(metadata, { annotations })).frozen, frozen);
    });
  }

  it('keeps errors but not warnings, without credentials and with bounded length', () => {
    const slice = sliceWith(({ status }) => {
      status['conditions'] = [
        { type: 'ComparisonError', message: 'cannot reach https://bot:s3cret@git.example.com/acme: timeout' },
        { type: 'OrphanedResourceWarning', message: 'orphaned' },
        { type: 'UnknownError', message: `${'x'.repeat(1022)}😀${'y'.repeat(100_000)}` },
      ];
      status['summary'] = { images: Array.from({ length: 80 }, (_, index) => `registry/image:${index}`) };
    });
    assert.deepEqual(slice.errors, [
      { type: 'ComparisonError', message: 'cannot reach https://git.example.com/acme: timeout' },
      { type: 'UnknownError', message: `${'x'.repeat(1022)}…` },
    ]);
    assert.equal(slice.images.length, 50);
  });

  for (const [what, change, message] of [
    ['a status of another shape', { status: { sync: { status: ['Synced'] } } }, /status\.sync\.status: /],
    ['no spec', { spec: undefined }, /spec: /],
    ['a source as large as a book', { spec: { source: { path: 'x'.repeat(100_000) } } }, /has 1\d{5} characters/],
  ] as const) {
    it(`reports that an Application with ${what} cannot be read`, () => {
      const slice = sliceOf({ ...synced(), ...change });
      assert.equal(slice.errors[0]?.type, unreadableError);
      assert.match(slice.errors[0]?.message ?? '', message);
      assert.equal(slice.sync.status, 'Unknown');
      assert.ok(JSON.stringify(slice).length < 2_000);
    });
  }

  for (const object of [undefined, null, 'text', [], {}, { metadata: { name: 'x' } }]) {
    it(`gives a reason for ${JSON.stringify(object)}`, () => {
      const read = project(object, reading);
      assert.ok('fault' in read && read.fault.length > 0);
    });
  }
});
