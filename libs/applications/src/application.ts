import { label, subdomain } from '@k8sta/contracts';
import { z } from 'zod';

/**
 * The parts of an Argo CD Application that are read (argo-cd 3.6, pkg/apis/application/v1alpha1/types.go). Go writes an unset
 * value as absent, null or an empty string, so each of the three counts as unset.
 */
const text = z.string().nullish();
const texts = z.array(z.string()).nullish();

const identity = z.object({
  namespace: label,
  name: subdomain,
  uid: z.string().min(1).max(128),
  resourceVersion: z.string().regex(/^\d{1,32}$/, 'must be an unsigned integer'),
  creationTimestamp: z.iso.datetime(),
  deletionTimestamp: text,
});

/** What identifies an object and orders its states; without it the object cannot be published. */
export const identitySchema = z.object({ metadata: identity });
export type Identity = z.infer<typeof identitySchema>['metadata'];

/** `ApplicationSourceJsonnet`: Argo CD writes `jsonnet: {}` where nothing is set. */
const jsonnet = z.object({
  extVars: z.array(z.unknown()).nullish(),
  tlas: z.array(z.unknown()).nullish(),
  libs: z.array(z.unknown()).nullish(),
});

const source = z.object({
  ...{ repoURL: text, targetRevision: text, path: text, chart: text, ref: text },
  kustomize: z.object({ images: texts }).nullish(),
  helm: z
    .object({
      valueFiles: texts,
      ignoreMissingValueFiles: z.boolean().nullish(),
      parameters: z.array(z.object({ name: text, value: text })).nullish(),
      fileParameters: z.array(z.object({ name: text })).nullish(),
      values: text,
      valuesObject: z.unknown(),
    })
    .partial()
    .nullish(),
  directory: z
    .object({ recurse: z.boolean().nullish(), include: text, exclude: text, jsonnet: jsonnet.nullish() })
    .nullish(),
});
export type Source = z.infer<typeof source>;
const labels = z.record(z.string(), z.string()).nullish();

const syncedResource = z.object({
  ...{ kind: text, namespace: text, name: text, status: text, message: text },
  ...{ hookType: text, hookPhase: text },
});
export type SyncedResource = z.infer<typeof syncedResource>;

const syncRequest = z.object({ revision: text, revisions: texts }).nullish();

const operationState = z.object({
  phase: text,
  message: text,
  startedAt: text,
  finishedAt: text,
  retryCount: z.int().min(0).nullish(),
  operation: z
    .object({
      sync: syncRequest,
      initiatedBy: z.object({ automated: z.boolean().nullish(), username: text }).nullish(),
      retry: z.object({ limit: z.int().nullish() }).nullish(),
    })
    .nullish(),
  syncResult: z
    .object({
      revision: text,
      revisions: texts,
      resources: z.array(syncedResource).nullish(),
    })
    .nullish(),
});
export type OperationState = z.infer<typeof operationState>;

const hydration = z.object({
  currentOperation: z.object({ phase: text, drySHA: text, message: text }).nullish(),
  lastSuccessfulOperation: z.object({ drySHA: text, hydratedSHA: text }).nullish(),
});
export type Hydration = z.infer<typeof hydration>;

const application = z.object({
  metadata: identity.extend({ labels, annotations: z.record(z.string(), z.string()).nullish() }),
  operation: z.object({ sync: syncRequest }).nullish(),
  spec: z.object({
    project: text,
    source: source.nullish(),
    sources: z.array(source).nullish(),
    sourceHydrator: z.object({ drySource: source.nullish() }).nullish(),
    destination: z.object({ server: text, name: text, namespace: text }).nullish(),
    syncPolicy: z
      .object({ automated: z.object({ enabled: z.boolean().nullish(), selfHeal: z.boolean().nullish() }).nullish() })
      .nullish(),
  }),
  status: z
    .object({
      sync: z.object({ status: text, revision: text, revisions: texts }).nullish(),
      health: z.object({ status: text, message: text, lastTransitionTime: text }).nullish(),
      reconciledAt: text,
      operationState: operationState.nullish(),
      history: z.array(z.object({ revision: text, revisions: texts })).nullish(),
      conditions: z.array(z.object({ type: z.string(), message: text })).nullish(),
      sourceType: text,
      sourceTypes: texts,
      sourceHydrator: hydration.nullish(),
      summary: z.object({ images: texts }).nullish(),
    })
    .nullish(),
});
export type Application = z.infer<typeof application>;

/** Compiled, because each Application of the first list, and each change of one, is parsed. */
export const applicationSchema = z.compile(application);
