import type { AskArgoCd } from '../refresh.js';
import type { Cluster } from './cluster.js';
import { failed } from './refusal.js';
import { patch } from './request.js';
import { Silence } from './silence.js';

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
    const attempt = { verb: 'patch', plural: 'applications', namespace, name } as const;
    const silence = new Silence(idleMs, signal);
    try {
      const refusal = await patch(cluster, attempt, { metadata: { annotations } }, silence.signal);
      if (refusal?.kind === 'unauthorized') await cluster.renew();
      return refusal;
    } catch (error) {
      const late = `the Kubernetes API did not answer within ${idleMs} ms`;
      return failed(attempt, silence.isTooLong ? late : (error as Error).message);
    } finally {
      silence.abandon();
    }
  };
}
