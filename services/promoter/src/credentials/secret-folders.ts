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

/** Reads a directory that has a folder for each Secret. Throws an ErrnoException if the directory cannot be read. */
export async function readSecretFolders(directory: string): Promise<SecretFolders> {
  // The kubelet's own entries of a mounted Secret begin with two dots.
  const names = (await readdir(directory)).filter((name) => !name.startsWith('..')).sort();
  const faults = names.length > maxFolders ? [`it has more than ${maxFolders} folders`] : [];
  const folders: SecretFolder[] = [];
  for (const name of names.slice(0, maxFolders)) {
    const path = join(directory, name);
    const isFolder = await stat(path)
      .then((found) => found.isDirectory())
      .catch(() => true);
    if (isFolder) folders.push(await readFolder(name, path));
    else faults.push(`${name}: is a file; each Secret is a folder with a file for each key`);
  }
  return { folders, faults };
}

async function readFolder(name: string, path: string): Promise<SecretFolder> {
  const files: Record<string, string> = {};
  const faults: string[] = [];
  const fail = (what: string, error: unknown) =>
    faults.push(`${what}: cannot be read: ${fileReason(error as NodeJS.ErrnoException)}`);
  try {
    // The kubelet replaces this link when the Secret changes: behind it, all files are of one version.
    const version = await realpath(join(path, '..data')).catch(() => path);
    const keys = (await readdir(version)).filter((key) => !key.startsWith('..')).sort();
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
  return { name, files, faults };
}
