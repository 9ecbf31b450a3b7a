import { readFile, stat } from 'node:fs/promises';
import type { Log } from '@k8sta/bus';
import { fileReason } from '@k8sta/text';
import { parseSecrets, type ReadSecrets } from './senders/secret-lines.js';
import type { Sender } from './senders/sender.js';

/** The current file of a sender's secrets. Without a file, the sender is closed, which is not a fault. */
export interface HeldSecrets extends ReadSecrets {
  readonly isThere: boolean;
}

/** The file of one sender's secrets, read again whenever it has changed. */
export interface SecretsFile {
  /** What the file held at most so many milliseconds ago. */
  current(maxAgeMs: number): Promise<HeldSecrets>;
}

/** Reads the file. Later changes are logged, once each. */
export async function openSecretsFile(path: string, sender: Sender, log: Log): Promise<SecretsFile> {
  let lookedAt = performance.now();
  let held = await read(path, sender);
  const refresh = async () => {
    const now = performance.now();
    if ((await versionOf(path)) !== held.version) {
      const before = held;
      held = await read(path, sender);
      logChange(before, held, { sender: sender.name, path }, log);
    }
    lookedAt = now;
  };
  const refreshed = sharing(refresh);
  return {
    async current(maxAgeMs) {
      if (performance.now() - lookedAt >= maxAgeMs) await refreshed();
      return held;
    },
  };
}

function logChange(before: HeldSecrets, { isThere, secrets, faults }: HeldSecrets, which: object, log: Log): void {
  const fields = { ...which, secrets: secrets.length };
  if (faults.length > 0) {
    const isLogged = faults.join() === before.faults.join();
    if (!isLogged) log.error({ ...fields, reason: faults.join('; ') }, 'secrets in the file are not valid');
  } else if (isThere) log.info(fields, 'secrets changed and were read again');
  else log.warn(fields, 'sender is closed: its file of secrets was removed');
}

/** Does the work again for each call, but only once for all calls that arrive while it runs. */
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

type Versioned = HeldSecrets & { readonly version: string };

async function read(path: string, { proof }: Sender): Promise<Versioned> {
  // First the version, then the text: a change in between is read again next time.
  const version = await versionOf(path);
  try {
    return { version, isThere: true, ...parseSecrets(await readFile(path, 'utf8'), proof) };
  } catch (error) {
    const fault = error as NodeJS.ErrnoException;
    if (fault.code === 'ENOENT') return { version: absent, isThere: false, secrets: [], faults: [] };
    // Not a version of the file: it is read again each time until it can be read.
    return { version: '', isThere: true, secrets: [], faults: [`cannot be read: ${fileReason(fault)}`] };
  }
}

const absent = 'absent';

/** The inode as well: a mounted Secret is replaced by swapping a symbolic link, perhaps within the clock's resolution. */
async function versionOf(path: string): Promise<string> {
  try {
    const { mtimeMs, ctimeMs, ino, size } = await stat(path);
    return `${mtimeMs}/${ctimeMs}/${ino}/${size}`;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? absent : 'unreadable';
  }
}
