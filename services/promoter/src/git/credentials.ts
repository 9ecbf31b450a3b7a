import { readFile } from 'node:fs/promises';
import { withoutCredentials } from '@k8sta/contracts';
import { fileReason } from '@k8sta/text';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';

/** The faults of the file. The message never quotes a value: any of them may be a secret. */
export class CredentialsInvalid extends Error {
  override readonly name = 'CredentialsInvalid';
  readonly faults: readonly string[];

  constructor(path: string, faults: readonly string[]) {
    super(`K8STA_GIT_CREDENTIALS_FILE: ${path}:\n  ${faults.join('\n  ')}`);
    this.faults = faults;
  }
}

const prefix = z.string().refine((text) => /^https?:$/.test(protocolOf(text) ?? ''), {
  error: 'must be the prefix of a repository address: http:// or https://, a host and perhaps a path',
});

const credential = z
  .strictObject({
    url: prefix,
    username: z.string().min(1).optional(),
    password: z.string().min(1).optional(),
    token: z.string().min(1).optional(),
  })
  .refine(({ password, token }) => (password === undefined) !== (token === undefined), {
    error: 'must have either a password or a token',
  });

const fileSchema = z.array(credential);

/** The user name and password for the addresses with this prefix. */
export interface Credential {
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

/** Reads a credentials file in YAML or JSON. Throws {@link CredentialsInvalid} with all faults and their lines. */
export async function readCredentials(path: string): Promise<Credential[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CredentialsInvalid(path, [`cannot be read: ${fileReason(error)}`]);
  });
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number) => `line ${lines.linePos(offset).line}`;
  if (document.errors.length > 0) {
    throw new CredentialsInvalid(
      path,
      document.errors.map(({ code, pos }) => `${place(pos[0])}: not valid YAML (${code})`),
    );
  }
  const parsed = fileSchema.safeParse(document.toJS() ?? []);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => {
      const node = document.getIn(issue.path, true) ?? document.contents;
      const range = (node as { range?: [number, number, number] } | null)?.range;
      return `${range ? `${place(range[0])}: ` : ''}${issue.path.join('.') || 'the file'}: ${issue.message}`;
    });
    throw new CredentialsInvalid(path, faults);
  }
  return parsed.data.map(({ url, username, password, token }) => ({
    url,
    // GitHub, GitLab, Gitea and Bitbucket accept a token with any user name.
    username: username ?? 'git',
    password: password ?? token ?? '',
  }));
}

/** The credential for this address: the longest prefix wins. A secret never goes to another scheme, host or port. */
export function credentialFor(credentials: readonly Credential[], address: string): Credential | undefined {
  const url = URL.parse(withoutCredentials(address));
  if (!url) return undefined;
  return credentials
    .filter((credential) => covers(new URL(credential.url), url))
    .sort((a, b) => b.url.length - a.url.length)[0];
}

function covers(prefix: URL, url: URL): boolean {
  if (prefix.protocol !== url.protocol || prefix.host !== url.host) return false;
  const [path, under] = [segments(url), segments(prefix)];
  return under.every((segment, index) => path[index] === segment);
}

function segments({ pathname }: URL): string[] {
  return pathname
    .toLowerCase()
    .replace(/\.git\/?$/, '')
    .split('/')
    .filter((segment) => segment !== '');
}

function protocolOf(text: string): string | undefined {
  return URL.canParse(text) ? new URL(text).protocol : undefined;
}
