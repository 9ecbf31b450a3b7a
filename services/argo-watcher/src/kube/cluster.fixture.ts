import { KubeConfig } from '@kubernetes/client-node';
import { Cluster } from './cluster.js';

/** The cluster that a kubeconfig file leads to. */
export function clusterOf(kubeconfig: string): Cluster {
  return clusterBy(() => {
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig);
    return config;
  });
}

export function clusterBy(load: () => KubeConfig): Cluster {
  return new Cluster(load(), async () => load());
}
