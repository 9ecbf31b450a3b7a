import { readFile } from 'node:fs/promises';
import { fileReason } from '@k8sta/contracts';
import { ConfigError } from './config.js';

/**
 * The lines of the secret file that this variable names, without white space around them and without empty ones.
 * Throws a {@link ConfigError} that names variable and file only.
 */
export async function readSecrets(variable: string, path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new ConfigError([`${variable}: ${path} cannot be read: ${fileReason(error)}`]);
  });
  const secrets = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (secrets.length === 0) throw new ConfigError([`${variable}: ${path} holds no secret`]);
  return secrets;
}
