/**
 * The slice of an Argo CD Application that the stand-in reads and writes
 * (argo-cd 3.6, pkg/apis/application/v1alpha1/types.go).
 */
export interface Application {
  apiVersion: 'argoproj.io/v1alpha1';
  kind: 'Application';
  metadata: ObjectMeta;
  spec: {
    project: string;
    source: Source;
    destination: Destination;
    syncPolicy?: { automated?: Automated | null; retry?: { limit?: number } };
  };
  /** A sync that is asked for or under way. */
  operation?: Operation;
  status?: ApplicationStatus;
}

export interface ObjectMeta {
  name: string;
  namespace: string;
  uid: string;
  /** An unsigned integer, as text. */
  resourceVersion: string;
  generation: number;
  creationTimestamp: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  managedFields?: readonly object[];
}

export interface Source {
  repoURL: string;
  targetRevision: string;
  path: string;
}

export interface Destination {
  server?: string;
  name?: string;
  namespace?: string;
}

export interface Automated {
  enabled?: boolean;
  prune?: boolean;
  selfHeal?: boolean;
}

export interface Operation {
  sync?: { revision?: string; syncStrategy?: { hook: Record<string, never> } };
  initiatedBy?: { automated?: boolean; username?: string };
  retry?: { limit?: number };
}

export type HealthStatus = 'Healthy' | 'Progressing' | 'Degraded' | 'Suspended' | 'Missing' | 'Unknown';

export interface Health {
  status: HealthStatus;
  message?: string;
  lastTransitionTime?: string;
}

export interface Condition {
  type: 'ComparisonError' | 'SyncError' | 'UnknownError' | 'SharedResourceWarning';
  message: string;
  lastTransitionTime?: string;
}

export interface ResourceStatus {
  group?: string;
  version: string;
  kind: string;
  namespace?: string;
  name: string;
  status: 'Synced' | 'OutOfSync';
  health?: { status: HealthStatus };
}

export interface SyncedResource {
  group: string;
  version: string;
  kind: string;
  namespace: string;
  name: string;
  status?: 'Synced' | 'SyncFailed';
  message?: string;
  hookType?: 'PreSync' | 'Sync' | 'PostSync';
  hookPhase?: 'Running' | 'Succeeded' | 'Failed';
  syncPhase?: 'PreSync' | 'Sync' | 'PostSync';
}

export interface OperationState {
  operation: Operation;
  phase: 'Running' | 'Terminating' | 'Succeeded' | 'Failed' | 'Error';
  message?: string;
  startedAt: string;
  finishedAt?: string;
  retryCount?: number;
  syncResult?: { revision: string; source: Source; resources?: SyncedResource[] };
}

export interface HistoryEntry {
  id: number;
  revision: string;
  deployStartedAt: string;
  deployedAt: string;
  source: Source;
  initiatedBy: { automated?: boolean; username?: string };
}

export interface ApplicationStatus {
  sync?: {
    status: 'Synced' | 'OutOfSync' | 'Unknown';
    revision?: string;
    comparedTo?: { source: Source; destination: Destination };
  };
  health?: Health;
  reconciledAt?: string;
  operationState?: OperationState;
  history?: HistoryEntry[];
  conditions?: Condition[];
  resources?: ResourceStatus[];
  summary?: { images?: string[] };
  sourceType?: 'Kustomize' | 'Directory';
  controllerNamespace?: string;
}

export const refreshAnnotation = 'argocd.argoproj.io/refresh';
export const refreshTimestampAnnotation = 'argocd.argoproj.io/refresh-timestamp';
export const skipReconcileAnnotation = 'argocd.argoproj.io/skip-reconcile';

/** What a test or the demo says of an Application. */
export interface ApplicationSpec {
  name: string;
  /** Default: the namespace of the stand-in. */
  namespace?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  /** With one (Argo CD's own is `resources-finalizer.argocd.argoproj.io`) it is not gone at once when it is deleted. */
  finalizers?: string[];
  /** Who wrote which field; in a real cluster a good part of each object. */
  managedFields?: readonly object[];
  project?: string;
  repoURL: string;
  targetRevision: string;
  path: string;
  autoSync?: boolean;
  destination?: Destination;
  /** What it begins with; for a stand-in without a controller. */
  status?: ApplicationStatus;
}

/** As a person would have applied it. */
export function applicationFrom(spec: ApplicationSpec, namespace: string) {
  return {
    apiVersion: 'argoproj.io/v1alpha1' as const,
    kind: 'Application' as const,
    metadata: {
      name: spec.name,
      namespace: spec.namespace ?? namespace,
      ...(spec.labels && { labels: spec.labels }),
      ...(spec.annotations && { annotations: spec.annotations }),
      ...(spec.finalizers && { finalizers: spec.finalizers }),
      ...(spec.managedFields && { managedFields: spec.managedFields }),
    },
    spec: {
      project: spec.project ?? 'default',
      source: { repoURL: spec.repoURL, targetRevision: spec.targetRevision, path: spec.path },
      destination: spec.destination ?? { server: 'https://kubernetes.default.svc', namespace: spec.name },
      ...((spec.autoSync ?? true) && { syncPolicy: { automated: { prune: true, selfHeal: true } } }),
    },
    ...(spec.status && { status: spec.status }),
  };
}

/** `IsAutomatedSyncEnabled` of argo-cd. */
export function isAutoSyncOn({ spec }: Application): boolean {
  const automated = spec.syncPolicy?.automated;
  return automated !== undefined && automated !== null && automated.enabled !== false;
}
