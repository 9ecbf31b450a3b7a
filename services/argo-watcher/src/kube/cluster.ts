import type { RequestOptions } from 'node:https';
import { fileReason, oneLine } from '@k8sta/contracts';
import { ConfigError } from '@k8sta/runtime';
import { CustomObjectsApi, KubeConfig } from '@kubernetes/client-node';

/** How to reach the cluster, by a kubeconfig or the pod's service account. */
export class Cluster {
  readonly #load: () => KubeConfig;
  #config: KubeConfig;

  constructor(load: () => KubeConfig) {
    this.#load = load;
    this.#config = load();
  }

  /** The API server's address, its path included, without a slash at the end. */
  get server(): string {
    return (this.#config.getCurrentCluster()?.server ?? '').replace(/\/+$/, '');
  }

  get customObjects(): CustomObjectsApi {
    return this.#config.makeApiClient(CustomObjectsApi);
  }

  /** Certificates, credentials and proxy for a request of our own. */
  async requestOptions(): Promise<RequestOptions> {
    const options: RequestOptions = {};
    await this.#config.applyToHTTPSOptions(options);
    return options;
  }

  /**
   * Reads everything again. A token that was refused may have been replaced on disk, and client-node would use the one that it
   * has read for up to a minute.
   */
  renew(): void {
    try {
      this.#config = this.#load();
    } catch {
      // The file is being replaced: the next refusal reads it again.
    }
  }
}

/** `KUBECONFIG`, else `~/.kube/config`, else the pod's service account. Throws a ConfigError if none can be used. */
export function loadKubeConfig(): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromDefault();
  } catch (error) {
    // If the variable names no file, the reason names what was found instead.
    const named = process.env['KUBECONFIG'];
    throw new ConfigError([`KUBECONFIG: ${named ? `${named} ` : ''}cannot be read: ${firstLine(error as Error)}`]);
  }
  const cluster = config.getCurrentCluster();
  if (!cluster) throw new ConfigError(['KUBECONFIG: its current context names no cluster']);
  if (!URL.canParse(cluster.server)) {
    throw new ConfigError([
      `KUBECONFIG: the server of the cluster "${oneLine(cluster.name)}" is no address (https://host:port)`,
    ]);
  }
  // This is also how client-node behaves when it has found nothing: it uses localhost:8080.
  if (cluster.server.startsWith('http:') && !cluster.skipTLSVerify) {
    throw new ConfigError([
      `KUBECONFIG: leads to ${cluster.server}: there is no kubeconfig and no service account, or it must say insecure-skip-tls-verify for plain HTTP`,
    ]);
  }
  return config;
}

/** The other lines of a YAML parser's message quote the file, which contains tokens. */
function firstLine(error: NodeJS.ErrnoException): string {
  if (error.code !== undefined) return fileReason(error);
  return oneLine(error.message.split('\n')[0] ?? '');
}
