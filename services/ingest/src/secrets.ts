import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { Log } from '@k8sta/bus';
import { fileReason } from '@k8sta/contracts';
import { ConfigError } from '@k8sta/runtime';

/** The secrets of one sender's address; several at a time, so that they can be rotated. */
export interface Secrets {
  accept(presented: string): Promise<boolean>;
  /** For readiness. Throws while there is no valid secret; returns what is wrong with lines of the file, if anything. */
  check(): Promise<string | undefined>;
}

const shortest = 16;

/** What a file of secrets says: those that are valid, and what is wrong with it. A fault never repeats a secret. */
export interface ReadSecrets {
  readonly secrets: readonly string[];
  readonly faults: readonly string[];
}

/** One secret a line; white space around it and empty lines do not count. */
export function parseSecrets(text: string): ReadSecrets {
  const lines = text.split('\n').map((line, at) => ({ secret: line.trim(), line: at + 1 }));
  const read = lines.filter(({ secret }) => secret !== '').map((each) => ({ ...each, faults: secretFaults(each) }));
  return {
    secrets: read.filter(({ faults }) => faults.length === 0).map(({ secret }) => secret),
    faults: read.length === 0 ? ['holds no secret'] : read.flatMap(({ faults }) => faults),
  };
}

function secretFaults({ secret, line }: { readonly secret: string; readonly line: number }): string[] {
  return [
    ...(secret.length < shortest ? [`line ${line} has fewer than ${shortest} characters`] : []),
    // It is a segment of the address, and compared as it was sent.
    ...(/^[A-Za-z0-9._~-]*$/.test(secret) ? [] : [`line ${line} may hold only letters, digits, "-", ".", "_" and "~"`]),
  ];
}

/** Whether it is one of the secrets. Takes as long wherever it differs, and whichever it is. */
export function isOneOf(secrets: readonly string[], presented: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const given = digest(presented);
  return secrets.reduce((found, secret) => timingSafeEqual(digest(secret), given) || found, false);
}

/**
 * Secrets in a file. What the file does not hold now is not valid: a secret that is taken out, or whose file is emptied or
 * cannot be read, is refused from the next request on. Throws a ConfigError with all faults when the service starts.
 */
export async function openSecrets(variable: string, path: string, log: Log): Promise<Secrets> {
  const spell = (faults: readonly string[]) => faults.map((fault) => `${variable}: ${path} ${fault}`);
  let held = await read(path);
  if (held.faults.length > 0) throw new ConfigError(spell(held.faults));

  const refresh = async () => {
    if ((await versionOf(path)) === held.version) return;
    const before = held.faults.join();
    held = await read(path);
    const { secrets, faults } = held;
    const fields = { path, secrets: secrets.length };
    if (faults.length === 0) log.info(fields, 'the secrets have changed and were read again');
    else if (faults.join() !== before) {
      log.error({ ...fields, reason: spell(faults).join('; ') }, 'secrets in the file are not valid');
    }
  };
  const refreshed = sharing(refresh);
  return {
    async accept(presented) {
      await refreshed();
      return isOneOf(held.secrets, presented);
    },
    async check() {
      await refreshed();
      const { secrets, faults } = held;
      if (secrets.length === 0) throw new Error(spell(faults).join('; '));
      return faults.length > 0 ? spell(faults).join('; ') : undefined;
    },
  };
}

/** Does the work again for each call, but once for all calls that come while it is being done. */
function sharing(work: () => Promise<void>): () => Promise<void> {
  let running = Promise.resolve();
  let next: Promise<void> | undefined;
  return () => {
    next ??= running.then(() => {
      next = undefined;
      running = work();
      return running;
    });
    return next;
  };
}

async function read(path: string): Promise<ReadSecrets & { readonly version: string }> {
  // First the version, then the text: a change in between is read again next time.
  const version = await versionOf(path);
  try {
    return { version, ...parseSecrets(await readFile(path, 'utf8')) };
  } catch (error) {
    const reason = fileReason(error as NodeJS.ErrnoException);
    // No version of the file: it is read again each time until it can be.
    return { version: '', secrets: [], faults: [`cannot be read: ${reason}`] };
  }
}

/** The inode as well: a mounted Secret is replaced by swapping a symbolic link, perhaps within the clock's resolution. */
async function versionOf(path: string): Promise<string> {
  try {
    const { mtimeMs, ctimeMs, ino, size } = await stat(path);
    return `${mtimeMs}/${ctimeMs}/${ino}/${size}`;
  } catch {
    return 'unreadable';
  }
}
