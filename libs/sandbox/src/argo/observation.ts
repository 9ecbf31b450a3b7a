import type { Condition, Health, ResourceStatus, SyncedResource } from './application.js';
import type { Manifest } from './kustomization.js';
import type { Managed } from './managed.js';
import type { Rendered } from './render.js';

/** The health as the status says it; its time moves only when the status word does. */
export function healthOf(managed: Managed, before: Health | undefined): Health {
  const lastTransitionTime = before?.status === managed.health.status ? before.lastTransitionTime : managed.now();
  return { ...managed.health, ...(lastTransitionTime && { lastTransitionTime }) };
}

/** `status.resources`: each object of the source against what runs. */
export function resourcesOf(managed: Managed, wanted: Rendered): ResourceStatus[] {
  const running = new Map(managed.running?.manifests.map((manifest) => [nameOf(manifest), JSON.stringify(manifest)]));
  return wanted.manifests.map((manifest) => {
    const live = running.get(nameOf(manifest));
    const isWorkload = /^(Deployment|StatefulSet|DaemonSet|Rollout)$/.test(manifest.kind);
    return {
      ...identityOf(manifest),
      status: live === JSON.stringify(manifest) ? 'Synced' : 'OutOfSync',
      ...(isWorkload && { health: { status: live ? managed.health.status : 'Missing' } }),
    };
  });
}

/** `status.summary.images`: of all pods there are, so of the old ones too while something rolls out. */
export function imagesOf(managed: Managed): string[] {
  // What does not change with the image in its files does not use it.
  if (managed.behaviour.ignoresChanges) return [];
  const leaving = managed.health.status === 'Healthy' ? [] : managed.leavingImages;
  return [...new Set([...(managed.running?.images ?? []), ...leaving])].sort();
}

/** `syncResult.resources` of a sync that applied everything. */
export function appliedResources({ manifests }: Rendered): SyncedResource[] {
  return manifests.map((manifest) => {
    const { group = '', namespace = '', ...identity } = identityOf(manifest);
    const message = `${manifest.kind.toLowerCase()}${group && `.${group}`}/${manifest.metadata.name} configured`;
    return { group, namespace, ...identity, status: 'Synced', message, syncPhase: 'Sync' };
  });
}

/** A condition keeps its time as long as it says the same. */
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

function identityOf({ apiVersion, kind, metadata: { name, namespace } }: Manifest) {
  const [version = '', group] = apiVersion.split('/').reverse();
  return { ...(group && { group }), version, kind, ...(namespace && { namespace }), name };
}

function nameOf({ apiVersion, kind, metadata: { namespace, name } }: Manifest): string {
  return `${apiVersion}/${kind}/${namespace}/${name}`;
}
