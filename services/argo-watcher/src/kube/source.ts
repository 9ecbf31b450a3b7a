import type { ListStep, ObjectSource, WatchStep } from '../source.js';
import type { Cluster } from './cluster.js';
import { list } from './list.js';
import type { Selection } from './request.js';
import { watch } from './watch.js';

export interface SourceOptions extends Selection {
  readonly cluster: Cluster;
  readonly pageSize: number;
  readonly idleMs: number;
}

/** Argo CD's objects in a Kubernetes API server. */
export function kubernetesSource({ cluster, pageSize, idleMs, ...selection }: SourceOptions): ObjectSource {
  // A watch sends a bookmark about once a minute and before its end, but nothing while no object changes. Its end at the
  // requested time is the only reliable sign of life, so it has to end often.
  const timeoutSeconds = Math.max(1, Math.floor(idleMs / 3000));
  return {
    namespace: selection.namespace,
    watchMs: timeoutSeconds * 1000,
    list: (signal) => renewing(cluster, list(cluster, selection, { pageSize, idleMs, signal })),
    watch: (resourceVersion, signal) =>
      renewing(cluster, watch(cluster, selection, resourceVersion, { timeoutSeconds, idleMs, signal })),
  };
}

async function* renewing<Step extends ListStep | WatchStep>(
  cluster: Cluster,
  steps: AsyncIterable<Step>,
): AsyncGenerator<Step> {
  for await (const step of steps) {
    if (step.is === 'refused' && step.refusal.kind === 'unauthorized') await cluster.renew();
    yield step;
  }
}
