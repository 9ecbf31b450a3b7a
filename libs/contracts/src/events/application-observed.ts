import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { label, subdomain } from '../names.js';
import { imageOverrides } from '../override.js';
import { editSource } from '../source.js';

/** Tokens of `k8sta.application.{instance}.{namespace}.{name}.<event>`. */
export function applicationTokens({ instance, namespace, name }: ApplicationTokens): ApplicationTokens {
  return { instance, namespace, name };
}

type ApplicationTokens = { readonly instance: string; readonly namespace: string; readonly name: string };

export const applicationHead = {
  instance: label.describe('which Argo CD'),
  namespace: label,
  name: subdomain,
};

const source = z.looseObject({
  repository: z.string().describe("the source's repoURL, without credentials"),
  targetRevision: z.string(),
  path: z.string().optional(),
  chart: z.string().optional(),
  ref: z.string().optional(),
  type: z.string().optional().describe('Kustomize, Helm, Directory or Plugin, as Argo CD detected it'),
  valueFiles: editSource.shape.valueFiles,
  ignoreMissingValueFiles: editSource.shape.ignoreMissingValueFiles,
  directory: editSource.shape.directory,
  overrides: imageOverrides
    .optional()
    .describe('the settings of the source that could be an image and win over the files'),
});

/**
 * The slice of an Argo CD Application that the tracker decides by
 * (pkg/apis/application/v1alpha1/types.go of argo-cd): about 1 KB for an object of any size.
 */
export const applicationObserved = defineEvent({
  type: 'application.observed',
  summary:
    'The current state of an Argo CD Application. Observations are ordered by uid and resourceVersion, never by arrival.',
  stream: 'K8STA_APPLICATIONS',
  pattern: 'k8sta.application.{instance}.{namespace}.{name}.observed',
  tokens: applicationTokens,
  publishers: ['argo-watcher'],
  consumers: ['tracker'],
  readers: ['tracker', 'argo-watcher'],
  schema: z.looseObject({
    ...applicationHead,
    uid: z.string(),
    resourceVersion: z.string().regex(/^\d+$/),
    createdAt: z.iso.datetime(),
    observedAt: z.iso.datetime().describe('when argo-watcher read it'),
    project: z.string(),
    labels: z
      .record(z.string(), z.string())
      .optional()
      .describe('the labels for the selectors of Stations; absent if there are none'),
    destination: z
      .looseObject({ server: z.string().optional(), name: z.string().optional(), namespace: z.string().optional() })
      .optional()
      .describe("spec.destination, for the selectors of a project's sync windows"),
    sources: z
      .array(source)
      .describe('spec.source, or spec.sources in their order, or the dry source of spec.sourceHydrator'),
    hydration: z
      .looseObject({
        dryRevision: z.string().optional().describe('lastSuccessfulOperation.drySHA'),
        hydratedRevision: z.string().optional().describe('lastSuccessfulOperation.hydratedSHA'),
        phase: z.string().optional().describe('currentOperation.phase: Hydrating, Hydrated or Failed'),
        currentDryRevision: z.string().optional().describe('currentOperation.drySHA'),
        message: z.string().optional(),
      })
      .optional()
      .describe('present if spec.sourceHydrator is set; sync.revisions are then revisions of the hydrated branch'),
    autoSync: z.boolean(),
    selfHeal: z.boolean().optional().describe('whether auto-sync also undoes changes made in the cluster'),
    frozen: z.boolean().describe('skip-reconcile is set: the status no longer changes'),
    deleting: z.boolean(),
    sync: z.looseObject({
      status: z.string().describe('Synced, OutOfSync or Unknown'),
      revisions: z.array(z.string()).describe('one for each source'),
    }),
    health: z.looseObject({
      status: z.string().describe('Healthy, Progressing, Degraded, Suspended, Missing or Unknown'),
      message: z.string().optional(),
      since: z.iso.datetime().optional().describe('health.lastTransitionTime'),
    }),
    reconciledAt: z.iso.datetime().optional(),
    operationPending: z.boolean().describe('`operation` is set: a sync is requested or running'),
    requestedRevisions: z
      .array(z.string())
      .optional()
      .describe('operation.sync: the revisions that were requested, one for each source'),
    operation: z
      .looseObject({
        phase: z.string(),
        message: z.string().optional(),
        startedAt: z.iso.datetime().optional(),
        finishedAt: z.iso.datetime().optional(),
        retryCount: z.int().optional(),
        retryLimit: z.int().optional().describe('operation.retry.limit; a negative number means no limit'),
        revisions: z.array(z.string()),
        automated: z.boolean().optional().describe('true if Argo CD started it'),
        initiatedBy: z.string().optional().describe('the person who started it, if Argo CD knows'),
        failures: z.array(z.string()).optional().describe('the resources and hooks that failed, with their messages'),
      })
      .optional()
      .describe('status.operationState'),
    history: z
      .array(z.array(z.string()))
      .optional()
      .describe('status.history: the revisions of the last few deployments, the newest last'),
    errors: z.array(z.looseObject({ type: z.string(), message: z.string() })).describe('conditions of type *Error'),
    images: z.array(z.string()).describe('status.summary.images, bounded'),
    manifestGeneratePaths: z.string().optional(),
  }),
});
