import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '@k8sta/bus';
import { ConfigError } from '@k8sta/runtime';
import { didYouMean, fileReason } from '@k8sta/text';
import { type HeldSecrets, openSecretsFile } from './secrets-file.js';
import type { Sender } from './senders/sender.js';

/** The secrets of all senders; several for each, so that they can be rotated. */
export interface Secrets {
  /** Those of this sender that are valid now. Without one the sender is closed. */
  of(sender: string): Promise<readonly string[]>;
  /** For readiness. Throws while there is no valid secret at all; returns the faults of the files, if any. */
  check(): Promise<string | undefined>;
}

export interface SecretsOptions {
  /** The option that names the directory, for messages. */
  readonly variable: string;
  /** Holds a file for each sender that is open, named as the sender. */
  readonly directory: string;
  readonly senders: readonly Sender[];
  readonly log: Log;
  /** How long after a look at a file requests use what it held, in milliseconds. Default: each request looks. */
  readonly maxAgeMs?: number;
}

/**
 * The secrets in a directory. Only what its files hold now is valid: if a secret is taken out, or a file is emptied,
 * removed or unreadable, requests with it are refused from the next look on. Throws a ConfigError with all faults at start-up.
 */
export async function openSecrets(options: SecretsOptions): Promise<Secrets> {
  const { variable, directory, senders, log, maxAgeMs = 0 } = options;
  const files = await Promise.all(
    senders.map(async (sender) => {
      const path = join(directory, sender.name);
      return { name: sender.name, path, file: await openSecretsFile(path, sender, log) };
    }),
  );
  const current = () =>
    Promise.all(files.map(async ({ name, path, file }) => ({ name, path, ...(await file.current(0)) })));
  const faultsOf = (held: Awaited<ReturnType<typeof current>>) =>
    held.flatMap(({ path, faults }) => faults.map((fault) => `${variable}: ${path} ${fault}`));
  const names = senders.map(({ name }) => name);
  const noneOpen = `${variable}: ${directory} holds no file named as a sender (${names.join(', ')})`;

  const held = await current();
  const faults = [
    ...(await directoryFaults(directory, names)).map((fault) => `${variable}: ${fault}`),
    ...faultsOf(held),
  ];
  if (faults.length > 0) throw new ConfigError(faults);
  if (held.every(isClosed)) throw new ConfigError([noneOpen]);
  const closed = held.filter(isClosed).map(({ name }) => name);
  if (closed.length > 0) log.info({ senders: closed, directory }, 'senders without a file of secrets are closed');

  return {
    async of(sender) {
      const { file } = files.find(({ name }) => name === sender) ?? {};
      return file ? (await file.current(maxAgeMs)).secrets : [];
    },
    async check() {
      const now = await current();
      const found = faultsOf(now);
      if (now.every(isClosed)) throw new Error(found.join('; ') || noneOpen);
      return found.length > 0 ? found.join('; ') : undefined;
    },
  };
}

function isClosed({ secrets }: HeldSecrets): boolean {
  return secrets.length === 0;
}

/** A file that belongs to no sender is probably misspelled, and its sender would be closed silently. */
async function directoryFaults(directory: string, senders: readonly string[]): Promise<string[]> {
  try {
    // A mounted Secret or ConfigMap keeps its versions in entries that begin with a dot.
    const names = (await readdir(directory)).filter((name) => !name.startsWith('.') && !senders.includes(name));
    return names.map((name) => `${join(directory, name)} belongs to no sender${didYouMean(name, senders)}`);
  } catch (error) {
    return [`${directory} cannot be read: ${fileReason(error as NodeJS.ErrnoException)}`];
  }
}
