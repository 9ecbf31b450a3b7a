import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from './directory.js';
import { type Server, startServer } from './server.js';

/** The only user of a registry with `htpasswd`. */
export const registryUser = { username: 'k8sta', password: 'a-password-for-tests' } as const;

/** registryUser in bcrypt, which is the only format that the registry reads. */
const htpasswd = 'k8sta:$2b$04$uC3K68vTTqi4D89.8WId.eEMpKOAZi.Q4F0A71NtXmJwOg9IbwtB.\n';

export interface RegistryOptions {
  /** Who may use it. Default: anybody. */
  readonly auth?:
    | 'htpasswd'
    | { readonly realm: string; readonly service: string; readonly issuer: string; readonly certFile: string };
}

/** A real image registry on 127.0.0.1. */
export interface Registry extends Server {
  /** `127.0.0.1:5000`, the first component of the names of its repositories. */
  readonly host: string;
  /** Pushes a tiny image under this tag. Returns its digest. The same content makes the same image. */
  push(path: string, tag: string, content?: string, authorization?: string): Promise<string>;
}

/** A real docker-registry (CNCF distribution), with its images in a temporary folder. */
export async function startRegistry({ auth }: RegistryOptions = {}): Promise<Registry> {
  const directory = await temporaryDirectory('registry');
  const users = join(directory.path, 'htpasswd');
  await writeFile(users, htpasswd);
  const access =
    auth === 'htpasswd'
      ? { htpasswd: { realm: 'sandbox', path: users } }
      : auth && {
          token: { realm: auth.realm, service: auth.service, issuer: auth.issuer, rootcertbundle: auth.certFile },
        };
  const server = await startServer({
    scheme: 'http',
    port: undefined,
    launch: (port) => ({
      command: 'sh',
      // The configuration names the port, which is chosen for each attempt to start. JSON is YAML.
      args: [
        '-c',
        'printf %s "$CONFIGURATION" >"$0" && exec docker-registry serve "$0"',
        join(directory.path, 'config.yml'),
      ],
      install:
        'install docker-registry (Debian: apt-get install docker-registry; https://distribution.github.io/distribution)',
      ready: { port },
      environment: {
        PATH: process.env['PATH'],
        CONFIGURATION: JSON.stringify({
          version: 0.1,
          log: { level: 'warn', accesslog: { disabled: true } },
          storage: { filesystem: { rootdirectory: join(directory.path, 'images') }, delete: { enabled: true } },
          http: { addr: `127.0.0.1:${port}` },
          ...(access && { auth: access }),
        }),
      },
    }),
    removeData: () => directory.remove(),
  });
  const host = `127.0.0.1:${server.port}`;
  return Object.assign(server, {
    host,
    push: (path: string, tag: string, content = tag, authorization = defaultAuthorization(auth)) =>
      push(`http://${host}/v2/${path}`, tag, content, authorization),
  });
}

function defaultAuthorization(auth: RegistryOptions['auth']): string | undefined {
  const { username, password } = registryUser;
  return auth === 'htpasswd' ? `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` : undefined;
}

/** The calls that `docker push` makes: each blob in one piece, and then the manifest that names them. */
async function push(url: string, tag: string, content: string, authorization: string | undefined): Promise<string> {
  const headers = authorization ? { authorization } : {};
  const call = async (address: string, method: string, body?: string, type = 'application/octet-stream') => {
    const response = await fetch(address, {
      method,
      headers: { ...headers, 'content-type': type },
      body: body ?? null,
    });
    if (!response.ok)
      throw new Error(`${method} ${address} was answered with ${response.status}: ${await response.text()}`);
    return response;
  };
  const blob = async (text: string, mediaType: string) => {
    const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
    const started = await call(`${url}/blobs/uploads/`, 'POST');
    const upload = new URL(started.headers.get('location') ?? '', url);
    upload.searchParams.set('digest', digest);
    await call(upload.href, 'PUT', text);
    return { mediaType, digest, size: Buffer.byteLength(text) };
  };
  const config = JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: [] },
    content,
  });
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = JSON.stringify({
    ...{ schemaVersion: 2, mediaType },
    config: await blob(config, 'application/vnd.oci.image.config.v1+json'),
    layers: [await blob(`layer of ${content}`, 'application/vnd.oci.image.layer.v1.tar')],
  });
  const pushed = await call(`${url}/manifests/${tag}`, 'PUT', manifest, mediaType);
  return pushed.headers.get('docker-content-digest') ?? '';
}
