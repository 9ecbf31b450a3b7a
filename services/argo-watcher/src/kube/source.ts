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

/** Argo CD's objects that a Kubernetes API server holds. */
export function kubernetesSource({ cluster, pageSize, idleMs, ...selection }: SourceOptions): ObjectSource {
  // A watch gives a sign of life about once a minute and before its end, but none while nothing at all happens. That it
  // ends as it was asked to is the one sign that is sure, so it has to end often.
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
