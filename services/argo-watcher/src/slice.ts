import { applicationObserved, type DataOf, withoutCredentials } from '@k8sta/contracts';
import { z } from 'zod';
import {
  type Application,
  applicationSchema,
  type Identity,
  identitySchema,
  type OperationState,
} from './application.js';

/** The slice of an Application that decisions are made from, as `application.observed` carries it. */
export type Slice = DataOf<'application.observed'>;

/** Where and when an Application was read. */
export interface Reading {
  readonly instance: string;
  readonly now: Date;
}

/** The condition that says K8sTA itself cannot read an Application; Argo CD's own end in `Error` as well. */
export const unreadableError = 'UnreadableError';

const messageLimit = 1024;
const imageLimit = 50;
const listLimit = 10;
const sliceLimit = 64 * 1024;

/**
 * Cuts the slice out of an object as Kubernetes sent it. An object without an identity is a fault. One that is
 * otherwise not as it should be is a slice that says so: whoever waits for the Application must learn why.
 */
export function project(object: unknown, reading: Reading): { slice: Slice } | { fault: string } {
  const identity = identitySchema.safeParse(object);
  if (!identity.success) return { fault: bounded(faultsOf(identity.error)) };
  const { metadata } = identity.data;
  const application = applicationSchema.safeParse(object);
  if (!application.success) return { slice: unreadable(metadata, reading, faultsOf(application.error)) };
  const slice = applicationObserved.schema.safeParse(cut(metadata, application.data, reading));
  if (!slice.success) return { slice: unreadable(metadata, reading, faultsOf(slice.error)) };
  // Whoever may create an Application must not be able to write a message that no stream takes.
  const size = JSON.stringify(slice.data).length;
  if (size > sliceLimit) {
    return { slice: unreadable(metadata, reading, `what is read of it has ${size} characters, of ${sliceLimit}`) };
  }
  return { slice: slice.data };
}

function cut(metadata: Identity, { spec, status, operation, ...object }: Application, reading: Reading): Slice {
  const annotations = object.metadata.annotations ?? {};
  const { sync, health, operationState } = status ?? {};
  const automated = spec.syncPolicy?.automated;
  const generatePaths = annotations['argocd.argoproj.io/manifest-generate-paths'];
  return {
    ...head(metadata, reading),
    project: spec.project || 'default',
    sources: sourcesOf({ spec, status }),
    // `IsAutomatedSyncEnabled` of argo-cd.
    autoSync: automated != null && automated.enabled !== false,
    frozen: annotations['argocd.argoproj.io/skip-reconcile'] === 'true',
    sync: { status: sync?.status || 'Unknown', revisions: revisionsOf(sync) },
    health: {
      status: health?.status || 'Unknown',
      ...optional('message', bounded(health?.message)),
      ...optional('since', moment(health?.lastTransitionTime)),
    },
    ...optional('reconciledAt', moment(status?.reconciledAt)),
    operationPending: operation != null,
    ...(operationState && { operation: operationOf(operationState) }),
    errors: (status?.conditions ?? [])
      .filter(({ type }) => type.endsWith('Error'))
      .slice(0, listLimit)
      .map(({ type, message }) => ({ type: bounded(type), message: bounded(message) })),
    images: (status?.summary?.images ?? []).slice(0, imageLimit).map(bounded),
    ...optional('manifestGeneratePaths', generatePaths),
  };
}

function head({ namespace, name, uid, resourceVersion, ...metadata }: Identity, { instance, now }: Reading) {
  return {
    ...{ instance, namespace, name, uid, resourceVersion },
    createdAt: metadata.creationTimestamp,
    observedAt: now.toISOString(),
    deleting: metadata.deletionTimestamp != null,
  };
}

function unreadable(metadata: Identity, reading: Reading, why: string): Slice {
  return {
    ...head(metadata, reading),
    project: 'default',
    sources: [],
    autoSync: false,
    frozen: false,
    sync: { status: 'Unknown', revisions: [] },
    health: { status: 'Unknown' },
    operationPending: false,
    errors: [{ type: unreadableError, message: bounded(`K8sTA cannot read this Application: ${why}`) }],
    images: [],
  };
}

/**
 * `spec.source`, or `spec.sources` where there are any. An Application of the source hydrator has neither: its
 * manifests are written by Argo CD, and a commit there would be lost.
 */
function sourcesOf({ spec, status }: Pick<Application, 'spec' | 'status'>): Slice['sources'] {
  const isMultiple = (spec.sources ?? []).length > 0;
  const sources = isMultiple ? (spec.sources ?? []) : spec.source ? [spec.source] : [];
  return sources.map(({ repoURL, targetRevision, path, chart, ref }, index) => ({
    repository: withoutCredentials(repoURL ?? ''),
    targetRevision: targetRevision ?? '',
    ...optional('path', path),
    ...optional('chart', chart),
    ...optional('ref', ref),
    ...optional('type', isMultiple ? status?.sourceTypes?.[index] : status?.sourceType),
  }));
}

/** One for each source. Argo CD leaves `revision` empty where there are several sources. */
function revisionsOf(
  at: { revision?: string | null | undefined; revisions?: string[] | null | undefined } | null | undefined,
): string[] {
  if (at?.revisions && at.revisions.length > 0) return at.revisions;
  return at?.revision ? [at.revision] : [];
}

function operationOf(state: OperationState): NonNullable<Slice['operation']> {
  // Before the sync has begun, only what was asked for is known.
  const revisions = revisionsOf(state.syncResult);
  const failures = (state.syncResult?.resources ?? [])
    .filter(({ status, hookPhase }) => status === 'SyncFailed' || hookPhase === 'Failed' || hookPhase === 'Error')
    .slice(0, listLimit)
    .map(({ kind, namespace, name, message }) => {
      const where = namespace ? `${namespace}/${name}` : name;
      return bounded(`${kind} ${where}: ${message || 'failed'}`);
    });
  return {
    phase: state.phase || 'Unknown',
    ...optional('message', bounded(state.message)),
    ...optional('startedAt', moment(state.startedAt)),
    ...optional('finishedAt', moment(state.finishedAt)),
    ...(state.retryCount ? { retryCount: state.retryCount } : {}),
    revisions: revisions.length > 0 ? revisions : revisionsOf(state.operation?.sync),
    ...(failures.length > 0 && { failures }),
  };
}

function optional<Key extends string>(key: Key, value: string | null | undefined): { [K in Key]?: string } {
  return value ? ({ [key]: value } as { [K in Key]?: string }) : {};
}

/** What is wrong where; never the value, which may be long or secret. */
function faultsOf({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`).join('; ');
}

/** A time that the bus takes; anything else is as good as none. */
function moment(text: string | null | undefined): string | undefined {
  return z.iso.datetime().safeParse(text).data;
}

/** Text of others, as much of it as is of use, without the credentials that Git's error messages repeat. */
function bounded(text: string | null | undefined): string {
  const clean = (text ?? '').replace(/:\/\/[^\s/]*@/g, '://');
  if (clean.length <= messageLimit) return clean;
  // A surrogate must not be cut off from its other half.
  return `${clean.slice(0, messageLimit - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
