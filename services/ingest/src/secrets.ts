import type { Log } from '@k8sta/bus';
import { ConfigError } from '@k8sta/runtime';
import { SecretsDirectory } from './secrets-directory.js';
import type { NamedSecret } from './senders/named-secret.js';
import type { Prover } from './senders/sender.js';
import { sharing } from './sharing.js';

/** The secrets of all senders; several for each, so that they can be rotated. */
export interface Secrets {
  /** Those of this sender that are valid now. Without one the sender is closed. */
  of(sender: string): Promise<readonly NamedSecret[]>;
  /** For readiness. Throws while there is no valid secret at all; returns the faults of the files, if any. */
  check(): Promise<string | undefined>;
}

export interface SecretsOptions {
  /** The option that names the directory, for messages. */
  readonly variable: string;
  /** Holds the files of each sender that is open, named as the sender. */
  readonly directory: string;
  readonly senders: readonly Prover[];
  readonly log: Log;
  /** How long after a look at the files requests use what they held, in milliseconds. Default: each request looks. */
  readonly maxAgeMs?: number;
  /** Set if the directory may hold no secret at all: all senders are closed then. */
  readonly mayBeEmpty?: boolean;
}

/**
 * The secrets in a directory. Only what its files hold now is valid: if a secret is taken out, or a file is emptied,
 * removed or unreadable, requests with it are refused from the next look on. Throws a ConfigError with all faults at start-up.
 */
export async function openSecrets(options: SecretsOptions): Promise<Secrets> {
  const { variable, directory: path, senders, log, maxAgeMs = 0, mayBeEmpty = false } = options;
  const directory = new SecretsDirectory(path, senders, log);
  let lookedAt = performance.now();
  const look = sharing(async () => {
    lookedAt = performance.now();
    return directory.look();
  });
  const names = senders.map(({ name }) => name);
  const noneOpen = `${variable}: ${path} holds no file named as a sender (${names.join(', ')})`;
  const isClosed = (sender: string) => directory.of(sender).secrets.length === 0;
  const isUseless = () => !mayBeEmpty && names.every(isClosed);
  const faultsOfFiles = () =>
    names.flatMap((name) => directory.of(name).faults).map((fault) => `${variable}: ${fault}`);

  const faults = (await look()).map((fault) => `${variable}: ${fault}`);
  faults.push(...faultsOfFiles());
  if (faults.length > 0) throw new ConfigError(faults);
  if (isUseless()) throw new ConfigError([noneOpen]);
  const closed = names.filter(isClosed);
  if (closed.length > 0) log.info({ senders: closed, directory: path }, 'senders without a file of secrets are closed');

  return {
    async of(sender) {
      if (performance.now() - lookedAt >= maxAgeMs) await look();
      return directory.of(sender).secrets;
    },
    async check() {
      await look();
      const found = faultsOfFiles();
      if (isUseless()) throw new Error(found.join('; ') || noneOpen);
      return found.length > 0 ? found.join('; ') : undefined;
    },
  };
}
