import type { ApplicationSpec } from '@k8sta/sandbox';

const kinds = ['Deployment', 'Service', 'ConfigMap', 'Secret', 'Ingress', 'ServiceAccount', 'Role', 'RoleBinding'];

export function sha(seed: number): string {
  return seed.toString(16).padStart(8, '0').repeat(5);
}

const synced = {
  phase: 'Succeeded' as const,
  message: 'successfully synced (all tasks run)',
  finishedAt: '2026-03-01T12:00:05Z',
};

export function nameOf(index: number): string {
  return `application-${String(index).padStart(5, '0')}`;
}

/** One Application in ten is syncing. */
export function isSyncing(index: number): boolean {
  return index % 10 === 3;
}

export function syncing(more: number) {
  const message = `waiting for healthy state of apps/Deployment/web and ${more} more resources`;
  return { phase: 'Running' as const, message };
}

/**
 * An Application of a large chart. Most of it is the tree of resources, the result of the last sync with a line for each
 * resource, the history, and the managed fields.
 */
export function bigApplication(index: number, bytes: number): ApplicationSpec {
  const name = nameOf(index);
  // Each resource occurs three times, with about 480 bytes in total; the rest has about 5,000 bytes.
  const resources = Array.from({ length: Math.max(1, Math.round((bytes - 5_000) / 480)) }, (_, each) => each);
  const source = { repoURL: 'https://git.example.com/acme/deploy', targetRevision: 'main', path: `apps/${name}` };
  const component = (each: number) => `${name}-component-${each}`;
  return {
    ...source,
    name,
    labels: { team: `team-${index % 40}`, 'app.kubernetes.io/instance': name },
    managedFields: managedFields(resources.length),
    status: {
      sync: { status: 'Synced', revision: sha(index) },
      health: { status: 'Healthy', lastTransitionTime: '2026-03-01T11:59:00Z' },
      reconciledAt: '2026-03-01T12:00:10Z',
      sourceType: 'Kustomize',
      summary: { images: Array.from({ length: 4 }, (_, each) => `ghcr.io/acme/${name}-${each}:1.4.${index % 30}`) },
      history: Array.from({ length: 10 }, (_, id) => ({
        ...{ id, revision: sha(index + id), source, initiatedBy: { automated: true } },
        ...{ deployStartedAt: '2026-03-01T11:00:00Z', deployedAt: '2026-03-01T11:00:05Z' },
      })),
      resources: resources.map((each) => ({
        ...{ group: 'apps', version: 'v1', kind: kinds[each % kinds.length] ?? '', namespace: name },
        ...{ name: component(each), status: 'Synced' as const, health: { status: 'Healthy' as const } },
      })),
      operationState: {
        operation: { sync: { revision: sha(index) }, initiatedBy: { automated: true }, retry: { limit: 5 } },
        ...(isSyncing(index) ? syncing(40) : synced),
        startedAt: '2026-03-01T12:00:00Z',
        syncResult: {
          revision: sha(index),
          source,
          resources: resources.map((each) => ({
            ...{ group: 'apps', version: 'v1', kind: kinds[each % kinds.length] ?? '', namespace: name },
            ...{ name: component(each), status: 'Synced' as const, syncPhase: 'Sync' as const },
            message: `deployment.apps/${component(each)} configured`,
          })),
        },
      },
    },
  };
}

function managedFields(resources: number): object[] {
  const fields = Array.from({ length: Math.ceil(resources / 2) }, (_, each) => [
    `k:{"kind":"Deployment","name":"${each}","namespace":"storefront"}`,
    { '.': {}, 'f:health': { 'f:status': {} }, 'f:kind': {}, 'f:name': {}, 'f:namespace': {}, 'f:version': {} },
  ]);
  return [
    {
      ...{ manager: 'argocd-application-controller', operation: 'Update', apiVersion: 'argoproj.io/v1alpha1' },
      ...{ time: '2026-03-01T12:00:10Z', fieldsType: 'FieldsV1' },
      fieldsV1: { 'f:status': { '.': {}, 'f:resources': Object.fromEntries(fields) } },
    },
  ];
}
