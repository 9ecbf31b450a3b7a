import { readFile } from 'node:fs/promises';

/** The lines of a secret file, without white space around them and without empty ones. Throws naming the file only. */
export async function readSecrets(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8');
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
