import type { HelmOptions } from './chart.js';

/**
 * The part of an Argo CD Application that the stand-in reads and writes
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
    syncPolicy?: SyncPolicy;
  };
  /** A sync that is requested or in progress. */
  operation?: Operation;
  status?: ApplicationStatus;
}

interface ObjectMeta {
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

interface Source {
  repoURL: string;
  targetRevision: string;
  path: string;
  helm?: HelmOptions;
}

export interface Destination {
  server?: string;
  name?: string;
  namespace?: string;
}

export interface SyncPolicy {
  automated?: Automated | null;
  syncOptions?: string[];
  retry?: Retry;
}

interface Automated {
  enabled?: boolean;
  prune?: boolean;
  selfHeal?: boolean;
}

export interface Retry {
  limit?: number;
  backoff?: { duration?: string; factor?: number; maxDuration?: string };
}

export interface Operation {
  sync?: {
    revision?: string;
    prune?: boolean;
    source?: Source;
    syncOptions?: string[];
    /** Makes the sync partial, as self-heal does; a partial sync is not added to the history. */
    resources?: { group?: string; kind: string; name: string }[];
    autoHealAttemptsCount?: number;
  };
  initiatedBy?: { automated?: boolean; username?: string };
  retry?: Retry;
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
  /** Absent for a hook. */
  status?: 'Synced' | 'OutOfSync' | 'Unknown';
  /** Absent if `resourceHealthSource` is `appTree`. */
  health?: { status: HealthStatus };
  hook?: true;
  requiresPruning?: true;
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
  images?: string[];
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

interface HistoryEntry {
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
  /** `appTree`: the health of each resource is not in `resources`. */
  resourceHealthSource?: 'appTree';
  summary?: { images?: string[] };
  sourceHydrator?: Record<string, never>;
  sourceType?: 'Kustomize' | 'Helm' | 'Directory';
  controllerNamespace?: string;
}

export const refreshAnnotation = 'argocd.argoproj.io/refresh';
export const refreshTimestampAnnotation = 'argocd.argoproj.io/refresh-timestamp';
export const skipReconcileAnnotation = 'argocd.argoproj.io/skip-reconcile';

/** `IsAutomatedSyncEnabled` of argo-cd. */
export function isAutoSyncOn({ spec }: Application): boolean {
  const automated = spec.syncPolicy?.automated;
  return automated !== undefined && automated !== null && automated.enabled !== false;
}
