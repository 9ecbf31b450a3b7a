import { options as argoWatcher } from '@k8sta/argo-watcher/config';
import { options as board } from '@k8sta/board-service/config';
import { options as ingest } from '@k8sta/ingest/config';
import { options as promoter } from '@k8sta/promoter/config';
import type { Options } from '@k8sta/runtime';
import { options as tracker } from '@k8sta/tracker/config';
import { find, type Manifest, type Workload, workloads } from './kustomize.js';

export const optionsOf = { ingest, tracker, promoter, 'argo-watcher': argoWatcher, board } satisfies Record<
  string,
  Options
>;
export type ServiceName = keyof typeof optionsOf;
export const serviceNames = Object.keys(optionsOf) as ServiceName[];

export function deploymentOf(manifests: readonly Manifest[], service: ServiceName): Workload {
  const found = workloads(manifests).find(({ metadata }) => metadata.name === `k8sta-${service}`);
  if (!found) throw new Error(`there is no Deployment of ${service}`);
  return found;
}

/** What the service's container finds in its environment. */
export function environmentOf(manifests: readonly Manifest[], service: ServiceName): Record<string, string> {
  const [{ env, envFrom }] = deploymentOf(manifests, service).spec.template.spec.containers;
  const maps = envFrom.map(({ configMapRef }) => find(manifests, 'ConfigMap', configMapRef.name).data ?? {});
  const own = env.map(({ name, value = '' }) => [name, value] as const);
  return Object.assign({}, ...maps, Object.fromEntries(own));
}
