import { readFile } from 'node:fs/promises';
import { formatIssues, sanitizeLine } from '@k8sta/text';
import { z } from 'zod';

/** What a registry may be asked with: a password, or a token that its token server exchanges. */
export type Credentials =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  | { readonly kind: 'identityToken'; readonly token: string };

/** The format of `~/.docker/config.json` and of the key `.dockerconfigjson` of a Kubernetes Secret. */
const dockerConfig = z.looseObject({
  auths: z.record(
    z.string(),
    z.looseObject({
      auth: z.string().optional(),
      username: z.string().optional(),
      password: z.string().optional(),
      identitytoken: z.string().optional(),
    }),
  ),
});

type Entry = z.infer<typeof dockerConfig>['auths'][string];

/** The credentials of registries, or of repositories of them. */
export class DockerConfig {
  readonly #entries: readonly { readonly prefix: string; readonly credentials: Credentials }[];

  /** Throws an error that says what is wrong, and never quotes a value. */
  constructor(text: string) {
    const parsed = dockerConfig.safeParse(parseJson(text));
    if (!parsed.success) throw new Error(formatIssues(parsed.error, 'the file'));
    this.#entries = Object.entries(parsed.data.auths).flatMap(([address, entry]) => {
      const credentials = credentialsOf(entry, address);
      return credentials ? [{ prefix: prefixOf(address), credentials }] : [];
    });
  }

  /** Those of the longest prefix that the repository, `ghcr.io/acme/app`, has; as Kubernetes chooses them. */
  for(repository: string): Credentials | undefined {
    const matching = this.#entries.filter(({ prefix }) => `${repository}/`.startsWith(`${prefix}/`));
    return matching.sort((one, other) => other.prefix.length - one.prefix.length)[0]?.credentials;
  }
}

export async function readDockerConfig(path: string): Promise<DockerConfig> {
  return new DockerConfig(await readFile(path, 'utf8'));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The message of JSON.parse quotes the file.
    throw new Error('the file is not JSON');
  }
}

function credentialsOf({ auth, username, password, identitytoken }: Entry, address: string): Credentials | undefined {
  if (identitytoken) return { kind: 'identityToken', token: identitytoken };
  if (username && password) return { kind: 'password', username, password };
  if (!auth) return undefined;
  const decoded = Buffer.from(auth, 'base64').toString();
  const colon = decoded.indexOf(':');
  if (colon < 1) {
    throw new Error(`auths."${sanitizeLine(address, 200)}".auth is not "user:password" in base64`);
  }
  return { kind: 'password', username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

/** `https://index.docker.io/v1/` is what `docker login` writes for Docker Hub. */
function prefixOf(address: string): string {
  const bare = address
    .replace(/^https?:\/\//, '')
    .replace(/\/(v1|v2)?\/?$/, '')
    .toLowerCase();
  return bare.replace(/^(index\.docker\.io|registry-1\.docker\.io)(?=\/|$)/, 'docker.io');
}
