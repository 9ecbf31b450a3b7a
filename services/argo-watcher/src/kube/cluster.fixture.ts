import { KubeConfig } from '@kubernetes/client-node';
import { Cluster } from './cluster.js';

/** The cluster that a kubeconfig file leads to. */
export function clusterOf(kubeconfig: string): Cluster {
  return new Cluster(() => {
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig);
    return config;
  });
}
