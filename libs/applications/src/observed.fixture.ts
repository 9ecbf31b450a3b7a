import type { Observations, Observed, Source } from './observed.js';

export const deploy = 'https://git.example.com/acme/deploy.git';

/** A source in the repository `deploy`, on `main`. */
export function aSource(change: Partial<Source> = {}): Source {
  return { repository: deploy, targetRevision: 'main', ...change };
}

/** An observed Application in the namespace `argocd`. */
export function anObserved(name: string, sources: Source[], change: Partial<Observed> = {}): Observed {
  const at = '2026-03-01T12:00:00Z';
  return {
    ...{ instance: 'default', namespace: 'argocd', name, uid: name, resourceVersion: '1', createdAt: at },
    ...{ observedAt: at, project: 'default', sources, autoSync: true, frozen: false, deleting: false },
    ...{ sync: { status: 'Synced', revisions: [] }, health: { status: 'Healthy' }, operationPending: false },
    ...{ errors: [], images: [] },
    ...change,
  };
}

export function observationsOf(...observed: Observed[]): Observations {
  return Object.fromEntries(observed.map((each) => [`argocd/${each.name}`, { observed: each, gone: false }]));
}
