import { type DataOf, withoutCredentials } from '@k8sta/contracts';
import { formatIssues, sanitizeLine } from '@k8sta/text';
import { z } from 'zod';
import {
  type Application,
  applicationSchema,
  type Hydration,
  type Identity,
  identitySchema,
  type OperationState,
  type SyncedResource,
} from './application.js';
import { directoryOf } from './directory.js';
import { overridesOf, valueFilesOf } from './overrides.js';

/** The slice of an Application that the tracker decides by, as `application.observed` carries it. */
export type Slice = DataOf<'application.observed'>;

/** Where and when an Application was read. */
export interface Reading {
  readonly instance: string;
  readonly now: Date;
}

/** The condition for an Application that K8sTA cannot read; Argo CD's own conditions end in `Error` as well. */
export const unreadableError = 'UnreadableError';

/** What is true for Go's strconv.ParseBool, with which Argo CD reads its annotations. */
const isTrue = /^(1|t|T|TRUE|true|True)$/;

const messageLimit = 1024;
const imageLimit = 50;
const listLimit = 10;
const labelLimit = 64;
/** As many as Argo CD keeps by default. */
const historyLimit = 10;
const sliceLimit = 64 * 1024;

/**
 * Cuts the slice out of an object as Kubernetes sent it. An object without an identity is a fault. Any other invalid object
 * becomes a slice with an error condition, so that a Ticket that waits for the Application can say why.
 */
export function project(object: unknown, reading: Reading): { slice: Slice } | { fault: string } {
  const application = applicationSchema.safeParse(object);
  if (!application.success) {
    const identity = identitySchema.safeParse(object);
    if (!identity.success) return { fault: formatIssues(identity.error) };
    return { slice: unreadable(identity.data.metadata, reading, formatIssues(application.error)) };
  }
  const { metadata } = application.data;
  const slice = cut(application.data, reading);
  // Otherwise anybody who may create an Application could write a message that is too large for the stream.
  const size = JSON.stringify(slice).length;
  if (size > sliceLimit) {
    return { slice: unreadable(metadata, reading, `what is read of it has ${size} characters, of ${sliceLimit}`) };
  }
  return { slice };
}

function cut({ metadata, spec, status, operation }: Application, reading: Reading): Slice {
  const annotations = metadata.annotations ?? {};
  const { sync, health, operationState, sourceHydrator } = status ?? {};
  const automated = spec.syncPolicy?.automated;
  const generatePaths = annotations['argocd.argoproj.io/manifest-generate-paths'];
  return {
    ...head(metadata, reading),
    project: spec.project || 'default',
    ...labelsOf(metadata.labels ?? {}),
    ...(spec.destination && {
      destination: {
        ...optional('server', spec.destination.server),
        ...optional('name', spec.destination.name),
        ...optional('namespace', spec.destination.namespace),
      },
    }),
    sources: sourcesOf({ spec, status }),
    ...(spec.sourceHydrator && { hydration: hydrationOf(sourceHydrator ?? {}) }),
    // `IsAutomatedSyncEnabled` of argo-cd.
    autoSync: automated != null && automated.enabled !== false,
    selfHeal: automated?.selfHeal === true,
    frozen: isTrue.test(annotations['argocd.argoproj.io/skip-reconcile'] ?? ''),
    sync: { status: sync?.status || 'Unknown', revisions: revisionsOf(sync) },
    health: {
      status: health?.status || 'Unknown',
      ...optional('message', messageOf(health?.message)),
      ...optional('since', moment(health?.lastTransitionTime)),
    },
    ...optional('reconciledAt', moment(status?.reconciledAt)),
    operationPending: operation != null,
    ...list('requestedRevisions', revisionsOf(operation?.sync)),
    ...(operationState && { operation: operationOf(operationState) }),
    ...list('history', (status?.history ?? []).slice(-historyLimit).map(revisionsOf)),
    errors: (status?.conditions ?? [])
      .filter(({ type }) => type.endsWith('Error'))
      .slice(0, listLimit)
      .map(({ type, message }) => ({ type: bounded(type), message: messageOf(message) })),
    images: (status?.summary?.images ?? []).slice(0, imageLimit).map(bounded),
    ...optional('manifestGeneratePaths', generatePaths),
  };
}

function head(
  { namespace, name, uid, resourceVersion, creationTimestamp, deletionTimestamp }: Identity,
  reading: Reading,
) {
  return {
    ...{ instance: reading.instance, namespace, name, uid, resourceVersion },
    createdAt: creationTimestamp,
    observedAt: reading.now.toISOString(),
    deleting: deletionTimestamp != null,
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
 * The sources that people commit to: the dry source if Argo CD's hydrator writes the manifests, else `spec.sources` if there
 * are any, else `spec.source` (`GetSources` and `HasMultipleSources` of argo-cd).
 */
function sourcesOf({ spec, status }: Pick<Application, 'spec' | 'status'>): Slice['sources'] {
  const { source, sources, sourceHydrator } = spec;
  const isMultiple = !sourceHydrator && sources != null && sources.length > 0;
  const one = sourceHydrator ? sourceHydrator.drySource : source;
  return (isMultiple ? sources : one ? [one] : []).map((each, index) => {
    const { repoURL, targetRevision, path, chart, ref } = each;
    const [valueFiles, directory, overrides] = [valueFilesOf(each), directoryOf(each), overridesOf(each)];
    return {
      repository: withoutCredentials(repoURL ?? ''),
      targetRevision: targetRevision ?? '',
      ...optional('path', path),
      ...optional('chart', chart),
      ...optional('ref', ref),
      ...optional('type', isMultiple ? status?.sourceTypes?.[index] : status?.sourceType),
      ...(valueFiles.length > 0 && { valueFiles }),
      ...(each.helm?.ignoreMissingValueFiles && { ignoreMissingValueFiles: true }),
      ...(directory && { directory }),
      ...(overrides.length > 0 && { overrides }),
    };
  });
}

function hydrationOf({ currentOperation, lastSuccessfulOperation }: Hydration): NonNullable<Slice['hydration']> {
  return {
    ...optional('dryRevision', lastSuccessfulOperation?.drySHA),
    ...optional('hydratedRevision', lastSuccessfulOperation?.hydratedSHA),
    ...optional('phase', currentOperation?.phase),
    ...optional('currentDryRevision', currentOperation?.drySHA),
    ...optional('message', bounded(currentOperation?.message)),
  };
}

/** Sorted by key, so that the limit always drops the same ones. */
function labelsOf(labels: Record<string, string>): { labels?: Record<string, string> } {
  const kept = Object.entries(labels)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .slice(0, labelLimit);
  return kept.length > 0 ? { labels: Object.fromEntries(kept) } : {};
}

/** One for each source. Argo CD leaves `revision` empty if there are several sources. */
function revisionsOf(
  at: { revision?: string | null | undefined; revisions?: string[] | null | undefined } | null | undefined,
): string[] {
  if (at?.revisions && at.revisions.length > 0) return at.revisions;
  return at?.revision ? [at.revision] : [];
}

function operationOf(state: OperationState): NonNullable<Slice['operation']> {
  // Before the sync starts, only the requested revisions are known.
  const revisions = revisionsOf(state.syncResult);
  const failures = (state.syncResult?.resources ?? [])
    .filter(({ status, hookPhase }) => status === 'SyncFailed' || hookPhase === 'Failed' || hookPhase === 'Error')
    .slice(0, listLimit)
    .map(failureOf);
  return {
    phase: state.phase || 'Unknown',
    ...optional('message', messageOf(state.message)),
    ...optional('startedAt', moment(state.startedAt)),
    ...optional('finishedAt', moment(state.finishedAt)),
    ...(state.retryCount ? { retryCount: state.retryCount } : {}),
    ...(state.operation?.retry?.limit ? { retryLimit: state.operation.retry.limit } : {}),
    revisions: revisions.length > 0 ? revisions : revisionsOf(state.operation?.sync),
    ...(state.operation?.initiatedBy?.automated && { automated: true }),
    ...optional('initiatedBy', bounded(state.operation?.initiatedBy?.username)),
    ...list('failures', failures),
  };
}

function failureOf({ kind, namespace, name, message, hookType }: SyncedResource): string {
  if (hookType) return messageOf(`${hookType} hook ${name} failed${message ? `: ${message}` : ''}`);
  return messageOf(`${kind} ${namespace ? `${namespace}/${name}` : name}: ${message || 'failed'}`);
}

function optional<Key extends string>(key: Key, value: string | null | undefined): { [K in Key]?: string } {
  return value ? ({ [key]: value } as { [K in Key]?: string }) : {};
}

function list<Key extends string, Value>(key: Key, values: Value[]): { [K in Key]?: Value[] } {
  return values.length > 0 ? ({ [key]: values } as { [K in Key]?: Value[] }) : {};
}

/** A time that is valid on the bus; any other counts as absent. */
function moment(text: string | null | undefined): string | undefined {
  return text && datetime.test(text) ? text : undefined;
}
/** What `z.iso.datetime()` takes: of 10,000 Applications these are 30,000 calls. */
const datetime = z.regexes.datetime({});

/** Text from outside, cut to a useful length. */
function bounded(text: string | null | undefined): string {
  return sanitizeLine(text ?? '', messageLimit);
}

/** A message of Argo CD, without the names of its temporary files, which change with each attempt. */
function messageOf(text: string | null | undefined): string {
  return bounded(text?.replaceAll(/\/dev\/shm\/\d+/g, '/dev/shm/...'));
}
