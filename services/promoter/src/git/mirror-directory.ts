import { createHash } from 'node:crypto';
import { access, constants, mkdir } from 'node:fs/promises';
import { ConfigError } from '@k8sta/runtime';
import { fileReason } from '@k8sta/text';

/** Creates the directory of the mirrors. Throws a ConfigError if it cannot be written to. */
export async function prepareDirectory(variable: string, path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
    await access(path, constants.W_OK);
  } catch (error) {
    throw new ConfigError([`${variable}: ${path} cannot be written to: ${fileReason(error as NodeJS.ErrnoException)}`]);
  }
}

/** The directory of a repository's mirror: a hash, never a path from outside, and a part of the name for people. */
export function directoryOf(repository: string): string {
  const hash = createHash('sha256').update(repository).digest('hex').slice(0, 16);
  return `${repository.replaceAll(/[^a-z0-9]+/g, '-').slice(0, 60)}-${hash}`;
}
