/** An Application after a sync, as Argo CD writes it: a few KB, including the parts that argo-watcher does not read. */
export function synced(name = 'storefront-dev') {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: {
      name,
      namespace: 'argocd',
      uid: '0b6e5a4c-0000-4000-8000-000000000001',
      resourceVersion: '1000',
      generation: 7,
      creationTimestamp: '2026-03-01T09:00:00Z',
      labels: { team: 'web' },
      managedFields: [{ manager: 'argocd-application-controller' }],
    } as Record<string, unknown>,
    spec: {
      project: 'shop',
      source: {
        repoURL: 'https://bot:s3cret@git.example.com/acme/deploy.git',
        targetRevision: 'main',
        path: 'apps/storefront-dev',
      },
      destination: { server: 'https://kubernetes.default.svc', namespace: 'storefront' },
      syncPolicy: { automated: { prune: true } },
    } as Record<string, unknown>,
    status: {
      sync: { status: 'Synced', revision: sha('a'), comparedTo: { source: {} } },
      health: { status: 'Healthy', lastTransitionTime: '2026-03-01T11:59:00Z' },
      reconciledAt: '2026-03-01T12:00:10Z',
      operationState: {
        phase: 'Succeeded',
        message: 'successfully synced (all tasks run)',
        startedAt: '2026-03-01T12:00:00Z',
        finishedAt: '2026-03-01T12:00:05Z',
        operation: { sync: { revision: sha('a') } },
        syncResult: { revision: sha('a'), resources: [{ kind: 'Deployment', name: 'web', status: 'Synced' }] },
      },
      conditions: [{ type: 'SharedResourceWarning', message: 'shared', lastTransitionTime: '2026-03-01T10:00:00Z' }],
      sourceType: 'Kustomize',
      summary: { images: ['ghcr.io/acme/storefront:1.4.2'] },
      history: [{ id: 1, revision: sha('9') }],
      resources: [{ kind: 'Deployment', name: 'web', status: 'Synced' }],
    } as Record<string, unknown>,
  };
}

export type ApplicationObject = ReturnType<typeof synced>;

/** A commit id of one digit. */
export function sha(digit: string): string {
  return digit.repeat(40);
}

/** A copy that the change may write to. */
export function changed(object: ApplicationObject, change: (object: ApplicationObject) => void): ApplicationObject {
  const copy = structuredClone(object);
  change(copy);
  return copy;
}
