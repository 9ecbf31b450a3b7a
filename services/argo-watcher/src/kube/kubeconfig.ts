import { access, readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { isIPv6 } from 'node:net';
import { delimiter, dirname, join, resolve } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { parse } from 'yaml';
import { z } from 'zod';

/** The address of the API server and the credentials: the part of client-node's KubeConfig that we need. */
export type Access = Pick<KubeConfig, 'getCurrentCluster' | 'applyToHTTPSOptions'>;

/*
 * The usual ways to a cluster, read without @kubernetes/client-node, which takes 70 MB for the models of every Kubernetes
 * resource. Anything that is not entirely understood here (plug-ins, proxies, several files, faults) is left to it.
 * https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
 */

const fileOrData = z.string().min(1).optional();

const clusterSchema = z.strictObject({
  server: z.string().min(1),
  'certificate-authority': fileOrData,
  'certificate-authority-data': fileOrData,
  'insecure-skip-tls-verify': z.boolean().optional(),
  'tls-server-name': z.string().min(1).optional(),
  extensions: z.unknown().optional(),
});

const userSchema = z.strictObject({
  token: z.string().min(1).optional(),
  tokenFile: fileOrData,
  'client-certificate': fileOrData,
  'client-certificate-data': fileOrData,
  'client-key': fileOrData,
  'client-key-data': fileOrData,
});

const kubeconfigSchema = z.object({
  'current-context': z.string(),
  contexts: z.array(z.object({ name: z.string(), context: z.object({ cluster: z.string(), user: z.string() }) })),
  clusters: z.array(z.object({ name: z.string(), cluster: z.unknown() })),
  users: z.array(z.object({ name: z.string(), user: z.unknown() })),
});

const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount';

/** By `KUBECONFIG`, else `~/.kube/config`, else the pod's service account; undefined if client-node has to read it. */
export async function readUsualAccess(env: NodeJS.ProcessEnv, mounted = serviceAccount): Promise<Access | undefined> {
  const { KUBECONFIG: named, HOME: home } = env;
  if (named) return named.includes(delimiter) ? undefined : ofFile(named);
  const ofHome = home && join(home, '.kube', 'config');
  if (ofHome && (await exists(ofHome))) return ofFile(ofHome);
  return (await exists(join(mounted, 'token'))) ? ofServiceAccount(env, mounted) : undefined;
}

async function ofFile(file: string): Promise<Access | undefined> {
  try {
    const config = kubeconfigSchema.parse(parse(await readFile(file, 'utf8'), { logLevel: 'silent' }));
    const context = config.contexts.find(({ name }) => name === config['current-context'])?.context;
    const cluster = config.clusters.find(({ name }) => name === context?.cluster);
    const user = config.users.find(({ name }) => name === context?.user);
    return new UsualAccess(
      cluster?.name ?? '',
      clusterSchema.parse(cluster?.cluster),
      userSchema.parse(user?.user),
      dirname(file),
    );
  } catch {
    // If anything is wrong with it, client-node either understands it or names the fault.
    return undefined;
  }
}

function ofServiceAccount(env: NodeJS.ProcessEnv, mounted: string): Access | undefined {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  // client-node uses plain HTTP for these ports.
  if (!host || !port || ['80', '8080', '8001'].includes(port)) return undefined;
  const server = `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
  return new UsualAccess('inCluster', { server, 'certificate-authority': 'ca.crt' }, { tokenFile: 'token' }, mounted);
}

class UsualAccess implements Access {
  readonly #name: string;
  readonly #cluster: z.infer<typeof clusterSchema>;
  readonly #user: z.infer<typeof userSchema>;
  /** The directory that file names are relative to. */
  readonly #directory: string;

  constructor(
    name: string,
    cluster: z.infer<typeof clusterSchema>,
    user: z.infer<typeof userSchema>,
    directory: string,
  ) {
    this.#name = name;
    this.#cluster = cluster;
    this.#user = user;
    this.#directory = directory;
  }

  getCurrentCluster(): ReturnType<Access['getCurrentCluster']> {
    const { server, 'insecure-skip-tls-verify': skipTLSVerify = false } = this.#cluster;
    return { name: this.#name, server, skipTLSVerify };
  }

  /** Files are read for every request: Kubernetes replaces them while we run. */
  async applyToHTTPSOptions(options: RequestOptions): Promise<void> {
    const [cluster, user] = [this.#cluster, this.#user];
    const [ca, cert, key, tokenOfFile] = await Promise.all([
      this.#bytes(cluster['certificate-authority-data'], cluster['certificate-authority']),
      this.#bytes(user['client-certificate-data'], user['client-certificate']),
      this.#bytes(user['client-key-data'], user['client-key']),
      this.#bytes(undefined, user.tokenFile),
    ]);
    const token = tokenOfFile?.toString('utf8').trim() ?? user.token;
    Object.assign(options, {
      ...(ca && { ca }),
      ...(cert && { cert }),
      ...(key && { key }),
      ...(cluster['insecure-skip-tls-verify'] && { rejectUnauthorized: false }),
      ...(cluster['tls-server-name'] && { servername: cluster['tls-server-name'] }),
      headers: { ...options.headers, ...(token && { Authorization: `Bearer ${token}` }) },
      // A new connection, as client-node makes it: a kept one may be closed just as it is used again.
      agent: false,
    });
  }

  /** Data in the file itself has precedence over a file that it names. */
  async #bytes(data: string | undefined, file: string | undefined): Promise<Buffer | undefined> {
    if (data !== undefined) return Buffer.from(data, 'base64');
    return file === undefined ? undefined : readFile(resolve(this.#directory, file));
  }
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
