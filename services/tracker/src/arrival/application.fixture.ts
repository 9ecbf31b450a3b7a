import type { DataOf } from '@k8sta/contracts';

type Observed = DataOf<'application.observed'>;

/** The start time of the tests. */
export const started = new Date('2026-03-01T12:00:00Z');

/** A commit id of one letter. */
export const sha = (letter: string): string => letter.repeat(40);

let resourceVersion = 100;

/** An Application that is Synced and Healthy at this revision, unless the test says otherwise. */
export function anApplication(name: string, revision: string, change: Partial<Observed> = {}): Observed {
  resourceVersion += 1;
  return {
    instance: 'default',
    namespace: 'argocd',
    name,
    uid: `uid-${name}`,
    resourceVersion: String(resourceVersion),
    createdAt: '2026-01-01T00:00:00Z',
    observedAt: started.toISOString(),
    project: 'default',
    sources: [{ repository: 'https://git.test/acme/deploy.git', targetRevision: 'main', path: `apps/${name}` }],
    autoSync: true,
    selfHeal: true,
    frozen: false,
    deleting: false,
    sync: { status: 'Synced', revisions: [revision] },
    health: { status: 'Healthy' },
    reconciledAt: '2026-03-01T12:00:10Z',
    operationPending: false,
    operation: { phase: 'Succeeded', finishedAt: '2026-03-01T12:00:09Z', revisions: [revision] },
    errors: [],
    images: [],
    ...change,
  };
}
