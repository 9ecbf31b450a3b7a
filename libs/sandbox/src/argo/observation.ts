import type { Application, Condition, Health, ResourceStatus, SyncedResource } from './application.js';
import type { Managed } from './managed.js';
import type { Rendered } from './render.js';
import {
  appliedName,
  awaitedName,
  causingName,
  identityOf,
  keyOf,
  refusedName,
  syncedIdentity,
  workloadsOf,
} from './resource-identity.js';

/** The health in the status; its time changes only when the health status changes. */
export function healthOf(managed: Managed, { spec, status }: Application): Health {
  const before = status?.health;
  const lastTransitionTime = before?.status === managed.health ? before.lastTransitionTime : managed.now();
  const isExplained = managed.health !== 'Healthy' && managed.health !== 'Missing';
  const cause = isExplained ? workloadsOf(managed.running)[0] : undefined;
  const message = cause && `Caused by ${causingName(cause, spec)}`;
  return {
    status: managed.health,
    ...(message && { message }),
    ...(lastTransitionTime && { lastTransitionTime }),
  };
}

/** `status.resources`: each object of the source compared with the running state, and the hooks that are left in the cluster. */
export function resourcesOf(managed: Managed, wanted: Rendered, { spec }: Application): ResourceStatus[] {
  const live = liveObjects(managed);
  const resources: ResourceStatus[] = wanted.manifests.map((manifest) => ({
    ...identityOf(manifest, spec),
    status: live.get(keyOf(manifest)) === JSON.stringify(manifest) ? 'Synced' : 'OutOfSync',
  }));
  return [...resources, ...hooksOf(managed, spec)];
}

/** `status.resources` if the source cannot be rendered: only the running state is known. */
export function unknownResources(managed: Managed, { spec }: Application): ResourceStatus[] {
  const resources: ResourceStatus[] = (managed.running?.manifests ?? []).map((manifest) => ({
    ...identityOf(manifest, spec),
    ...{ status: 'Unknown', requiresPruning: true },
  }));
  return [...resources, ...hooksOf(managed, spec)];
}

/** `status.summary.images`: the images of all pods, including the old pods during a rollout and the hooks. */
export function imagesOf(managed: Managed): string[] {
  // An object that does not change with the image in its files does not use the image.
  if (managed.behaviour.ignoresChanges) return [];
  const leaving = managed.health === 'Healthy' ? [] : managed.leavingImages;
  return [...new Set([...(managed.running?.images ?? []), ...leaving, ...(managed.hook?.images ?? [])])].sort();
}

/** `syncResult.resources` of a sync that applied everything; call this before the running state changes. */
export function appliedResources(managed: Managed, { manifests }: Rendered, { spec }: Application): SyncedResource[] {
  const live = liveObjects(managed);
  return manifests.map((manifest) => {
    const before = live.get(keyOf(manifest));
    const unchanged = before === JSON.stringify(manifest) ? 'unchanged' : 'configured';
    const message = `${appliedName(manifest)} ${before === undefined ? 'created' : unchanged}`;
    return { ...syncedIdentity(manifest, spec), status: 'Synced', message, hookPhase: 'Running' };
  });
}

/** `syncResult.resources` of a sync in which the API server refuses the first workload. */
export function refusedResources(rendered: Rendered, { spec }: Application): SyncedResource[] {
  const refused = workloadsOf(rendered)[0] ?? rendered.manifests[0];
  if (!refused) return [];
  // Each attempt uses a different temporary file.
  const file = `/dev/shm/${Math.floor(Math.random() * 0xffffffff)}`;
  const why = 'spec.replicas: Invalid value: -1: must be greater than or equal to 0';
  const message = `error when patching "${file}": ${refusedName(refused)} is invalid: ${why}`;
  return [{ ...syncedIdentity(refused, spec), status: 'SyncFailed', message, hookPhase: 'Failed' }];
}

/** The resources of a partial sync, such as self-heal. */
export function outOfSyncResources(managed: Managed, wanted: Rendered, application: Application) {
  const isDifferent = managed.isCacheStale ? () => true : ({ status }: ResourceStatus) => status === 'OutOfSync';
  return resourcesOf(managed, wanted, application)
    .filter((resource) => !resource.hook && isDifferent(resource))
    .map(({ group, kind, name }) => ({ ...(group && { group }), kind, name }));
}

/** The name of a resource in the messages of an operation: `apps/Deployment/web`. */
export function awaitedWorkload(rendered: Rendered): string | undefined {
  const awaited = workloadsOf(rendered)[0];
  return awaited && awaitedName(awaited);
}

/** A condition keeps its time while its message is unchanged. */
export function conditionsOf(
  wanted: readonly Omit<Condition, 'lastTransitionTime'>[],
  before: readonly Condition[],
  now: string,
): Condition[] {
  return wanted.map((condition) => {
    const same = before.find(({ type, message }) => type === condition.type && message === condition.message);
    return { ...condition, lastTransitionTime: same?.lastTransitionTime ?? now };
  });
}

function liveObjects({ running }: Managed): Map<string, string> {
  return new Map(running?.manifests.map((manifest) => [keyOf(manifest), JSON.stringify(manifest)]));
}

function hooksOf({ hook }: Managed, { destination }: Application['spec']): ResourceStatus[] {
  return hook ? [hook.resource(destination.namespace ?? '')] : [];
}
