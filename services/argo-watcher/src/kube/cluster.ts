import type { RequestOptions } from 'node:https';
import { ConfigError } from '@k8sta/runtime';
import { fileReason, sanitizeLine } from '@k8sta/text';
import { type Access, readUsualAccess } from './kubeconfig.js';

/** How to reach the cluster, by a kubeconfig or the pod's service account. */
export class Cluster {
  readonly #load: () => Promise<Access>;
  #access: Access;

  /** `load` reads it again. */
  constructor(access: Access, load: () => Promise<Access>) {
    this.#access = access;
    this.#load = load;
  }

  /** The API server's address, its path included, without a slash at the end. */
  get server(): string {
    return (this.#access.getCurrentCluster()?.server ?? '').replace(/\/+$/, '');
  }

  /** Certificates, credentials and proxy for a request of our own. */
  async requestOptions(): Promise<RequestOptions> {
    const options: RequestOptions = {};
    await this.#access.applyToHTTPSOptions(options);
    return options;
  }

  /**
   * Reads everything again. A token that was refused may have been replaced on disk, and client-node would use the one that it
   * has read for up to a minute.
   */
  async renew(): Promise<void> {
    try {
      this.#access = await this.#load();
    } catch {
      // The file is being replaced: the next refusal reads it again.
    }
  }
}

/** From `KUBECONFIG`, else `~/.kube/config`, else the pod's service account. Rejects with a ConfigError if there is none. */
export async function openCluster(): Promise<Cluster> {
  return new Cluster(await loadAccess(), loadAccess);
}

export async function loadAccess(): Promise<Access> {
  const access = (await readUsualAccess(process.env)) ?? (await readByClientNode());
  const cluster = access.getCurrentCluster();
  if (!cluster) throw new ConfigError(['KUBECONFIG: its current context names no cluster']);
  if (!URL.canParse(cluster.server)) {
    throw new ConfigError([
      `KUBECONFIG: the server of the cluster "${sanitizeLine(cluster.name)}" is not an address (https://host:port)`,
    ]);
  }
  // This is also how client-node behaves when it has found nothing: it uses localhost:8080.
  if (cluster.server.startsWith('http:') && !cluster.skipTLSVerify) {
    throw new ConfigError([
      `KUBECONFIG: leads to ${cluster.server}: there is no kubeconfig and no service account, or it must say insecure-skip-tls-verify for plain HTTP`,
    ]);
  }
  return access;
}

async function readByClientNode(): Promise<Access> {
  // Loaded only here: it takes half a second and 70 MB.
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  try {
    config.loadFromDefault();
    return config;
  } catch (error) {
    // If the variable names no file, the reason names what was found instead.
    const named = process.env['KUBECONFIG'];
    throw new ConfigError([`KUBECONFIG: ${named ? `${named} ` : ''}cannot be read: ${firstLine(error as Error)}`]);
  }
}

/** The other lines of a YAML parser's message quote the file, which contains tokens. */
function firstLine(error: NodeJS.ErrnoException): string {
  if (error.code !== undefined) return fileReason(error);
  return sanitizeLine(error.message.split('\n')[0] ?? '');
}
