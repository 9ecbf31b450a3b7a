import { PatchStrategy } from '@kubernetes/client-node';
import type { AskArgoCd } from '../refresh.js';
import { call, withContentType } from './call.js';
import type { Cluster } from './cluster.js';
import { refusalOfError } from './refusal.js';
import { argoResources } from './request.js';

/**
 * Sets the annotations that ask Argo CD for a refresh; this service writes nothing else. Argo CD removes them when it starts
 * the refresh, and keeps a request that arrives before only if its timestamp differs
 * (controller/appcontroller.go, handleRefreshAnnotation).
 */
export function askByAnnotation(cluster: Cluster, { idleMs }: { idleMs: number }): AskArgoCd {
  const { signal } = new AbortController();
  return async ({ namespace, name }, now) => {
    const annotations = {
      'argocd.argoproj.io/refresh': 'normal',
      'argocd.argoproj.io/refresh-timestamp': now.toISOString(),
    };
    const body = { metadata: { annotations } };
    const parameters = { ...argoResources, plural: 'applications', namespace, name, body };
    try {
      await call({ idleMs, signal }, (options) =>
        cluster.customObjects.patchNamespacedCustomObject(
          parameters,
          withContentType(PatchStrategy.MergePatch, options),
        ),
      );
      return undefined;
    } catch (error) {
      const refusal = refusalOfError({ verb: 'patch', plural: 'applications', namespace }, error);
      if (refusal.kind === 'unauthorized') cluster.renew();
      return refusal;
    }
  };
}
