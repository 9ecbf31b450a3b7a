import { fileReason } from '@k8sta/text';
import { type Address, covers } from './address.js';
import { parseArgoSecret } from './argo-secret.js';
import { type BrokenCredential, type Credential, CredentialsInvalid, type Reading } from './credential.js';
import { SecretDirectory, type SecretFolder } from './secret-folders.js';

/** The directory of credentials. A Secret whose files have not changed is not parsed again. */
export class CredentialDirectory {
  readonly #path: string;
  readonly #secrets: SecretDirectory;
  readonly #parsed = new WeakMap<SecretFolder, ReturnType<typeof parseArgoSecret>>();

  /** `now` is in milliseconds since the epoch. */
  constructor(path: string, now: () => number) {
    this.#path = path;
    this.#secrets = new SecretDirectory(path, now);
  }

  /** Reads all Secrets. Throws {@link CredentialsInvalid} if the directory itself cannot be read. */
  async read(): Promise<Reading> {
    const { folders, faults } = await this.#secrets.read().catch((error: NodeJS.ErrnoException) => {
      throw new CredentialsInvalid(`K8STA_GIT_CREDENTIALS: ${this.#path} cannot be read: ${fileReason(error)}`);
    });
    const parsed = folders.map((folder) => this.#parse(folder));
    return {
      credentials: withoutDoubles(parsed.flatMap((each) => (each.is === 'credential' ? [each.credential] : []))),
      faults: [...faults, ...parsed.flatMap((each) => (each.is === 'faults' ? each.faults : []))],
    };
  }

  #parse(folder: SecretFolder): ReturnType<typeof parseArgoSecret> {
    const parsed = this.#parsed.get(folder) ?? parseArgoSecret(folder);
    this.#parsed.set(folder, parsed);
    return parsed;
  }
}

/** All faults of a reading. */
export function faultsOf({ credentials, faults }: Reading): string[] {
  const all = [...faults, ...credentials.flatMap((each) => ('faults' in each ? each.faults : []))];
  return all.map((each) => `K8STA_GIT_CREDENTIALS: ${each}`);
}

/** The credential for this address: the longest prefix wins. A secret never goes to another scheme, host or port. */
export function credentialFor({ credentials }: Reading, address: Address): Credential | BrokenCredential | undefined {
  return credentials
    .filter(({ prefix }) => covers(prefix, address))
    .sort((a, b) => b.prefix.segments.length - a.prefix.segments.length)[0];
}

/** Two Secrets for the same prefix are a fault of both: the order of folders must not decide which one is used. */
function withoutDoubles(all: readonly (Credential | BrokenCredential)[]): (Credential | BrokenCredential)[] {
  const byPrefix = new Map<string, string[]>();
  const keyOf = ({ prefix }: BrokenCredential | Credential) => JSON.stringify({ ...prefix, user: undefined });
  for (const each of all) byPrefix.set(keyOf(each), [...(byPrefix.get(keyOf(each)) ?? []), each.folder]);
  return all.map((each) => {
    const folders = byPrefix.get(keyOf(each)) ?? [];
    if (folders.length < 2) return each;
    const fault = `${each.folder}/url: ${folders.join(' and ')} are for the same address`;
    return { ...each, faults: ['faults' in each ? each.faults : [], fault].flat() };
  });
}
