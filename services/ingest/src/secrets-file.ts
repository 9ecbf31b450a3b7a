import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileReason } from '@k8sta/text';
import { parseSecrets, type ReadSecrets } from './senders/secret-lines.js';
import type { Sender } from './senders/sender.js';

/** What a file of secrets holds, and the version of the file that it was read from. */
export interface SecretsFile extends ReadSecrets {
  readonly version: string;
}

/** Reads the file again if it is not the one that was read before; undefined if it does not exist. */
export async function readSecretsFile(
  path: string,
  { proof }: Sender,
  before: SecretsFile | undefined,
): Promise<SecretsFile | undefined> {
  // First the version, then the text: a change in between is read again next time.
  const version = await versionOf(path);
  if (version !== noVersion && version === before?.version) return before;
  try {
    return { version, ...parseSecrets(await readFile(path, 'utf8'), proof, basename(path)) };
  } catch (error) {
    const fault = error as NodeJS.ErrnoException;
    if (fault.code === 'ENOENT') return undefined;
    return { version: noVersion, secrets: [], faults: [`cannot be read: ${fileReason(fault)}`] };
  }
}

/** Of a file that cannot be read. It is read again each time until it can be. */
const noVersion = '';

/** The inode as well: a mounted Secret is replaced by swapping a symbolic link, perhaps within the clock's resolution. */
async function versionOf(path: string): Promise<string> {
  try {
    const { mtimeMs, ctimeMs, ino, size } = await stat(path);
    return `${mtimeMs}/${ctimeMs}/${ino}/${size}`;
  } catch {
    return noVersion;
  }
}
