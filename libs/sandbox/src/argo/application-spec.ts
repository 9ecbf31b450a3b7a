import type { ApplicationStatus, Destination, SyncPolicy } from './application.js';
import type { HelmOptions } from './chart.js';

/** How a test or the demo describes an Application. */
export interface ApplicationSpec {
  name: string;
  /** Default: the namespace of the stand-in. */
  namespace?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  /** With a finalizer (Argo CD's is `resources-finalizer.argocd.argoproj.io`) a deletion takes a while. */
  finalizers?: string[];
  /** The managed fields, which are a large part of each object in a real cluster. */
  managedFields?: readonly object[];
  project?: string;
  repoURL: string;
  targetRevision: string;
  path: string;
  helm?: HelmOptions;
  /** Default true: with pruning and self-heal. */
  autoSync?: boolean;
  /** Replaces the sync policy that `autoSync` implies. */
  syncPolicy?: SyncPolicy;
  destination?: Destination;
  /** The initial status, for a stand-in without a controller. */
  status?: ApplicationStatus;
}

/** The object that a person would apply. */
export function applicationFrom(spec: ApplicationSpec, namespace: string) {
  const automatic = (spec.autoSync ?? true) ? { automated: { prune: true, selfHeal: true } } : undefined;
  const syncPolicy = spec.syncPolicy ?? automatic;
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
      source: {
        repoURL: spec.repoURL,
        targetRevision: spec.targetRevision,
        path: spec.path,
        ...(spec.helm && { helm: spec.helm }),
      },
      destination: spec.destination ?? { server: 'https://kubernetes.default.svc', namespace: spec.name },
      ...(syncPolicy && { syncPolicy }),
    },
    ...(spec.status && { status: spec.status }),
  };
}
