import { createHash, timingSafeEqual } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { Log } from '@k8sta/bus';
import { oneLine } from '@k8sta/contracts';
import { ConfigError, readSecrets } from '@k8sta/runtime';

/** The secrets of one sender's address; several at a time, so that they can be rotated. */
export interface Secrets {
  accept(presented: string): Promise<boolean>;
}

const shortest = 16;

/** What is wrong with these secrets, never repeating one. */
export function secretFaults(secrets: readonly string[]): string[] {
  return secrets.flatMap((secret, at) => [
    ...(secret.length < shortest ? [`secret ${at + 1} has fewer than ${shortest} characters`] : []),
    // It is a segment of the address, and compared as it was sent.
    ...(/^[A-Za-z0-9._~-]*$/.test(secret)
      ? []
      : [`secret ${at + 1} may hold only letters, digits, "-", ".", "_" and "~"`]),
  ]);
}

/** Whether it is one of the secrets. Takes as long wherever it differs, and whichever it is. */
export function isOneOf(secrets: readonly string[], presented: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const given = digest(presented);
  return secrets.reduce((found, secret) => timingSafeEqual(digest(secret), given) || found, false);
}

/**
 * Secrets in a file, read again when it has changed. Throws a ConfigError with all faults when they cannot be used at
 * first; later the last usable ones stay.
 */
export async function openSecrets(variable: string, path: string, log: Log): Promise<Secrets> {
  const read = async () => {
    // First the version, then the text: a change in between is read again next time.
    const version = await versionOf(path).catch(() => 'unreadable');
    const secrets = await readSecrets(variable, path);
    const faults = secretFaults(secrets);
    if (faults.length > 0) throw new ConfigError(faults.map((fault) => `${variable}: ${path} ${fault}`));
    return { version, secrets };
  };
  let { version, secrets } = await read();
  const refresh = async () => {
    const found = await versionOf(path).catch(() => 'unreadable');
    if (found === version) return;
    version = found;
    try {
      ({ version, secrets } = await read());
      log.info({ path, secrets: secrets.length }, 'the secrets have changed and were read again');
    } catch (error) {
      const reason = error instanceof ConfigError ? error.faults.join('; ') : oneLine((error as Error).message);
      log.error({ path, reason }, 'the secrets have changed and cannot be used; the last ones stay');
    }
  };
  return {
    async accept(presented) {
      await refresh();
      return isOneOf(secrets, presented);
    },
  };
}

/** The inode as well: a mounted Secret is replaced by swapping a symbolic link, perhaps within the clock's resolution. */
async function versionOf(path: string): Promise<string> {
  const { mtimeMs, ino, size } = await stat(path);
  return `${mtimeMs}/${ino}/${size}`;
}
