import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileReason } from '@k8sta/text';

/** A mounted Secret: the text of each of its keys. */
export interface SecretFolder {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly faults: readonly string[];
}

export interface SecretFolders {
  readonly folders: readonly SecretFolder[];
  readonly faults: readonly string[];
}

const maxFolders = 1_000;
const maxFiles = 64;
const maxBytes = 65_536;

/** A file that changed so recently may change again without a new time, because file systems count time in ticks. */
const tickMs = 2_000;

/** The directory that has a folder for each Secret. A folder whose files have not changed is not read again. */
export class SecretDirectory {
  readonly #path: string;
  readonly #now: () => number;
  #known = new Map<string, ReadFolder>();

  /** `now` is in milliseconds since the epoch. */
  constructor(path: string, now: () => number) {
    this.#path = path;
    this.#now = now;
  }

  /** Throws an ErrnoException if the directory cannot be read. A folder that has not changed is the same object again. */
  async read(): Promise<SecretFolders> {
    // The kubelet's own entries of a mounted Secret begin with two dots.
    const names = (await readdir(this.#path)).filter((name) => !name.startsWith('..')).sort();
    const faults = names.length > maxFolders ? [`it has more than ${maxFolders} folders`] : [];
    const folders: SecretFolder[] = [];
    const known = new Map<string, ReadFolder>();
    for (const name of names.slice(0, maxFolders)) {
      const path = join(this.#path, name);
      const isFolder = await stat(path)
        .then((found) => found.isDirectory())
        .catch(() => true);
      if (!isFolder) {
        faults.push(`${name}: is a file; each Secret is a folder with a file for each key`);
        continue;
      }
      const { identity, folder } = await readFolder(name, path, this.#now(), this.#known.get(name));
      folders.push(folder);
      if (identity !== undefined) known.set(name, { identity, folder });
    }
    this.#known = known;
    return { folders, faults };
  }
}

interface ReadFolder {
  /** Says whether the files have changed; undefined if only another reading can tell. */
  readonly identity: string | undefined;
  readonly folder: SecretFolder;
}

async function readFolder(name: string, path: string, now: number, known: ReadFolder | undefined): Promise<ReadFolder> {
  const files: Record<string, string> = {};
  const faults: string[] = [];
  const fail = (what: string, error: unknown) =>
    faults.push(`${what}: cannot be read: ${fileReason(error as NodeJS.ErrnoException)}`);
  let identity: string | undefined;
  try {
    // The kubelet replaces this link when the Secret changes: behind it, all files are of one version.
    const version = await realpath(join(path, '..data')).catch(() => path);
    const keys = (await readdir(version)).filter((key) => !key.startsWith('..')).sort();
    identity = await identityOf(version, keys.slice(0, maxFiles), now);
    if (known && identity !== undefined && identity === known.identity) return known;
    if (keys.length > maxFiles) faults.push(`${name}: has more than ${maxFiles} files`);
    for (const key of keys.slice(0, maxFiles)) {
      try {
        const { size } = await stat(join(version, key));
        if (size > maxBytes) faults.push(`${name}/${key}: is larger than ${maxBytes} bytes`);
        else files[key] = await readFile(join(version, key), 'utf8');
      } catch (error) {
        fail(`${name}/${key}`, error);
      }
    }
  } catch (error) {
    fail(name, error);
  }
  return { identity: faults.length === 0 ? identity : undefined, folder: { name, files, faults } };
}

/** Changes with every change of the files; undefined if one of them has changed just now or cannot be read. */
async function identityOf(version: string, keys: readonly string[], now: number): Promise<string | undefined> {
  const identities = await Promise.all(
    keys.map(async (key) => {
      const found = await stat(join(version, key), { bigint: true }).catch(() => undefined);
      if (!found || Math.abs(now - Number(found.ctimeMs)) < tickMs) return undefined;
      return [key, found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(' ');
    }),
  );
  return identities.includes(undefined) ? undefined : JSON.stringify([version, keys, identities]);
}
