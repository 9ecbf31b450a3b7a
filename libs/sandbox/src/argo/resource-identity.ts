import type { Application, SyncedResource } from './application.js';
import type { Manifest } from './kustomization.js';
import { imagesIn, type Rendered } from './render.js';

type Spec = Application['spec'];

const clusterScoped = /^(Namespace|PersistentVolume|StorageClass|PriorityClass|CustomResourceDefinition|Cluster\w+)$/;

/** The fields by which `status.resources` and `syncResult.resources` name an object. */
export function identityOf(manifest: Manifest, spec: Spec) {
  const { group, version } = groupVersion(manifest);
  const namespace = namespaceOf(manifest, spec);
  const { kind, metadata } = manifest;
  return { ...(group && { group }), version, kind, ...(namespace && { namespace }), name: metadata.name };
}

/** The fields of every entry of `syncResult.resources`, which does not omit empty fields. */
export function syncedIdentity(manifest: Manifest, spec: Spec) {
  const images = imagesIn(manifest);
  const identity = { group: '', namespace: '', ...identityOf(manifest, spec) };
  return { ...identity, syncPhase: 'Sync', ...(images.length > 0 && { images }) } satisfies SyncedResource;
}

/** The key of an object, which is the same in each revision: `apps/v1/Deployment//web`. */
export function keyOf({ apiVersion, kind, metadata: { namespace = '', name } }: Manifest): string {
  return `${apiVersion}/${kind}/${namespace}/${name}`;
}

/** The name in kubectl's output: `deployment.apps/web`. */
export function appliedName(manifest: Manifest): string {
  const { group } = groupVersion(manifest);
  return `${manifest.kind.toLowerCase()}${group && `.${group}`}/${manifest.metadata.name}`;
}

/** The name in messages of the API server: `Deployment.apps "web"`. */
export function refusedName(manifest: Manifest): string {
  const { group } = groupVersion(manifest);
  return `${manifest.kind}${group && `.${group}`} "${manifest.metadata.name}"`;
}

/** The name in the message of an operation: `apps/Deployment/web`. */
export function awaitedName(manifest: Manifest): string {
  return `${groupVersion(manifest).group}/${manifest.kind}/${manifest.metadata.name}`;
}

/** The name in the message of a health: `apps/Deployment:shop/web`. */
export function causingName(manifest: Manifest, spec: Spec): string {
  return `${groupVersion(manifest).group}/${manifest.kind}:${namespaceOf(manifest, spec)}/${manifest.metadata.name}`;
}

/** The objects that determine the health of the Application. */
export function workloadsOf(rendered: Rendered | undefined): Manifest[] {
  return (rendered?.manifests ?? []).filter(({ kind }) => /^(Deployment|StatefulSet|DaemonSet|Rollout)$/.test(kind));
}

function groupVersion({ apiVersion }: Manifest): { group: string; version: string } {
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  return { group, version };
}

function namespaceOf({ kind, metadata }: Manifest, { destination }: Spec): string {
  return clusterScoped.test(kind) ? '' : (metadata.namespace ?? destination.namespace ?? '');
}
