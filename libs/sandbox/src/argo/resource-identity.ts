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

/** What every entry of `syncResult.resources` has; there an empty field is not left out. */
export function syncedIdentity(manifest: Manifest, spec: Spec) {
  const images = imagesIn(manifest);
  const identity = { group: '', namespace: '', ...identityOf(manifest, spec) };
  return { ...identity, syncPhase: 'Sync', ...(images.length > 0 && { images }) } satisfies SyncedResource;
}

/** `apps/v1/Deployment//web`: an object of the source has the same key in each revision. */
export function keyOf({ apiVersion, kind, metadata: { namespace = '', name } }: Manifest): string {
  return `${apiVersion}/${kind}/${namespace}/${name}`;
}

/** `deployment.apps/web`, as kubectl says it. */
export function appliedName(manifest: Manifest): string {
  const { group } = groupVersion(manifest);
  return `${manifest.kind.toLowerCase()}${group && `.${group}`}/${manifest.metadata.name}`;
}

/** `Deployment.apps "web"`, as the API server says it. */
export function refusedName(manifest: Manifest): string {
  const { group } = groupVersion(manifest);
  return `${manifest.kind}${group && `.${group}`} "${manifest.metadata.name}"`;
}

/** `apps/Deployment/web`, as the message of an operation says it. */
export function awaitedName(manifest: Manifest): string {
  return `${groupVersion(manifest).group}/${manifest.kind}/${manifest.metadata.name}`;
}

/** `apps/Deployment:shop/web`, as the message of a health says it. */
export function causingName(manifest: Manifest, spec: Spec): string {
  return `${groupVersion(manifest).group}/${manifest.kind}:${namespaceOf(manifest, spec)}/${manifest.metadata.name}`;
}

/** The objects whose health the application's health comes from. */
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
