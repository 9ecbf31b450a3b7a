import { createPrivateKey } from 'node:crypto';
import { forgeProvider } from '@k8sta/contracts';
import { didYouMean } from '@k8sta/text';
import { z } from 'zod';
import { type Address, parseAddress } from './address.js';
import type { BrokenCredential, Credential, ForgeSetting, Proof } from './credential.js';
import type { SecretFolder } from './secret-folders.js';
import { readSshKey } from './ssh-key.js';

/** A value on one line. `kubectl create secret --from-file` keeps the line end of the file. */
const line = z
  .string()
  .transform((text) => text.trim())
  .refine((text) => !/\p{C}/u.test(text), { error: 'must be one line' });

const ignored = z.unknown().optional();

/** `false` is accepted, so that Argo CD and K8sTA can share a Secret. */
const only = (remedy: string) => line.refine((text) => text === 'false', { error: remedy });

const unsupported = (remedy: string) => z.unknown().refine(() => false, { error: `is not supported; ${remedy}` });

const address = line.transform((text, context): Address => {
  const parsed = parseAddress(text);
  if (parsed) return parsed;
  context.addIssue({
    code: 'custom',
    message: 'must be the address of a repository or a prefix of it: https://, http://, ssh:// or user@host:path',
  });
  return z.NEVER;
});

const httpUrl = line.refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''), {
  error: 'must be an http:// or https:// address',
  abort: true,
});

/** Its user name and password are decoded for every connection. */
export const proxyUrl = httpUrl.refine((text) => isEncoded(URL.parse(text)), {
  error: 'must have % in its user name and password as %25',
});

const forge = line.pipe(z.enum(forgeProvider.options, { error: `must be one of ${forgeProvider.options.join(', ')}` }));

/** A base: paths are appended to it. */
const apiUrl = httpUrl
  .refine((text) => isPlain(URL.parse(text)), { error: 'must have no user name, query or fragment' })
  .transform((text) => text.replace(/\/+$/, ''));

const id = line.refine((text) => /^[1-9]\d{0,18}$/.test(text), { error: 'must be a number' });

const rsaKey = z.string().refine(isRsaKey, { error: 'must be the RSA private key of the GitHub App, in PEM' });

/**
 * The keys of Argo CD's `repository` and `repo-creds` Secrets:
 * https://argo-cd.readthedocs.io/en/stable/operator-manual/declarative-setup/#repositories. Ours are
 * `sshPrivateKeyPassphrase`, `forge`, `forgeApi` and `forgeToken`, and Argo CD ignores them.
 */
const secretSchema = z.strictObject({
  url: address,
  username: line.optional(),
  password: line.optional(),
  bearerToken: line.optional(),
  sshPrivateKey: z.string().optional(),
  sshPrivateKeyPassphrase: line.optional(),
  githubAppID: id.optional(),
  githubAppInstallationID: id.optional(),
  githubAppPrivateKey: rsaKey.optional(),
  githubAppEnterpriseBaseUrl: apiUrl.optional(),
  proxy: proxyUrl.optional(),
  noProxy: line.optional(),
  forge: forge.optional(),
  forgeApi: apiUrl.optional(),
  forgeToken: line.optional(),
  insecure: only('must be false: mount the certificate authority and set K8STA_GIT_CA_FILE').optional(),
  insecureIgnoreHostKey: only('must be false: add the host to K8STA_GIT_KNOWN_HOSTS').optional(),
  tlsClientCertData: unsupported('libgit2 has no client certificates').optional(),
  tlsClientCertKey: unsupported('libgit2 has no client certificates').optional(),
  gcpServiceAccountKey: unsupported('use a user name and a password').optional(),
  useAzureWorkloadIdentity: only('must be false: use a user name and a password').optional(),
  type: ignored,
  name: ignored,
  project: ignored,
  enableLfs: ignored,
  enableOCI: ignored,
  insecureOCIForceHttp: ignored,
  forceHttpBasicAuth: ignored,
  depth: ignored,
});
type ArgoSecret = z.infer<typeof secretSchema>;

export type ParsedSecret =
  | { readonly is: 'credential'; readonly credential: Credential | BrokenCredential }
  /** Nothing says which addresses it is for. */
  | { readonly is: 'faults'; readonly faults: readonly string[] }
  /** A Helm or OCI repository. */
  | { readonly is: 'notGit' };

/** Reads a Secret in the format of Argo CD. No fault quotes a value. */
export function parseArgoSecret({ name: folder, files, faults: unread }: SecretFolder): ParsedSecret {
  // Argo CD treats an empty value like one that is not set.
  const set = Object.fromEntries(Object.entries(files).filter(([, text]) => text.trim() !== ''));
  const type = set['type']?.trim() ?? 'git';
  if (type !== 'git') return { is: 'notGit' };
  const prefix = parseAddress(set['url']?.trim() ?? '');
  const parsed = secretSchema.safeParse(set);
  const faults = [...unread, ...(parsed.success ? [] : faultsOf(folder, parsed.error, set))];
  if (parsed.success && faults.length === 0) {
    const proof = proofOf(parsed.data);
    const { proxy, noProxy } = parsed.data;
    const except = (noProxy ?? '').split(',').flatMap((each) => each.trim() || []);
    const through = proxy === undefined ? {} : { proxy: { url: proxy, except } };
    if (proof.is !== 'fault') {
      const of = forgeOf(parsed.data);
      return { is: 'credential', credential: { folder, prefix: parsed.data.url, proof, ...through, ...of } };
    }
    faults.push(`${folder}${proof.file ? `/${proof.file}` : ''}: ${proof.message}`);
  }
  return prefix ? { is: 'credential', credential: { folder, prefix, faults } } : { is: 'faults', faults };
}

function faultsOf(folder: string, error: z.ZodError, set: Record<string, string>): string[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      const known = Object.keys(secretSchema.shape);
      return issue.keys.map((key) => `${folder}/${key}: is not a key of Argo CD's Secrets${didYouMean(key, known)}`);
    }
    const key = String(issue.path[0]);
    return [`${folder}/${key}: ${key in set ? issue.message : 'is missing'}`];
  });
}

interface Fault {
  readonly is: 'fault';
  readonly file?: keyof ArgoSecret;
  readonly message: string;
}

function proofOf(secret: ArgoSecret): Proof | Fault {
  const { url, username, password, bearerToken, sshPrivateKey, sshPrivateKeyPassphrase: passphrase } = secret;
  const given = (['password', 'bearerToken', 'sshPrivateKey', 'githubAppPrivateKey'] as const).filter(
    (key) => secret[key] !== undefined,
  );
  if (given.length > 1) return { is: 'fault', message: `has more than one credential: ${given.join(' and ')}` };
  const [kind] = given;
  if (kind && (url.scheme === 'ssh') !== (kind === 'sshPrivateKey')) {
    return { is: 'fault', file: kind, message: `cannot be used with an address of ${url.scheme}://` };
  }
  if (password !== undefined) return { is: 'password', username: username ?? 'git', password };
  if (bearerToken !== undefined) return { is: 'bearer', token: bearerToken };
  if (sshPrivateKey !== undefined) {
    try {
      return { is: 'sshKey', privateKey: readSshKey(sshPrivateKey, passphrase) };
    } catch (error) {
      return { is: 'fault', file: 'sshPrivateKey', message: (error as Error).message };
    }
  }
  if (secret.githubAppID ?? secret.githubAppInstallationID ?? secret.githubAppPrivateKey) return githubApp(secret);
  if (url.scheme === 'ssh') return { is: 'fault', file: 'sshPrivateKey', message: 'is missing' };
  if (username !== undefined) return { is: 'fault', file: 'password', message: 'is missing' };
  return { is: 'none' };
}

function githubApp(secret: ArgoSecret): Proof | Fault {
  const { githubAppID, githubAppInstallationID, githubAppPrivateKey, githubAppEnterpriseBaseUrl } = secret;
  if (githubAppID === undefined) return { is: 'fault', file: 'githubAppID', message: 'is missing' };
  if (githubAppInstallationID === undefined) {
    return { is: 'fault', file: 'githubAppInstallationID', message: 'is missing' };
  }
  if (githubAppPrivateKey === undefined) return { is: 'fault', file: 'githubAppPrivateKey', message: 'is missing' };
  const api = githubAppEnterpriseBaseUrl ?? 'https://api.github.com';
  const app = { appId: githubAppID, installationId: githubAppInstallationID, privateKey: githubAppPrivateKey, api };
  return { is: 'githubApp', app };
}

function forgeOf({ forge: provider, forgeApi: api, forgeToken: token }: ArgoSecret): { forge?: ForgeSetting } {
  if ((provider ?? api ?? token) === undefined) return {};
  return { forge: { ...(provider && { provider }), ...(api && { api }), ...(token && { token }) } };
}

function isPlain(url: URL | null): boolean {
  return url?.username === '' && url.password === '' && url.search === '' && url.hash === '';
}

function isEncoded(url: URL | null): boolean {
  try {
    decodeURIComponent(`${url?.username}:${url?.password}`);
    return true;
  } catch {
    return false;
  }
}

function isRsaKey(text: string): boolean {
  try {
    return createPrivateKey(text).asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
}
