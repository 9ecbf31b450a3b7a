import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '@k8sta/bus';
import { didYouMean, fileReason } from '@k8sta/text';
import { readSecretsFile, type SecretsFile } from './secrets-file.js';
import type { NamedSecret } from './senders/named-secret.js';
import { mostSecrets } from './senders/secret-lines.js';
import type { Prover } from './senders/sender.js';

/** What the files of one sender hold. Without a valid secret the sender is closed. */
export interface SenderSecrets {
  readonly secrets: readonly NamedSecret[];
  /** Each begins with the path of its file. */
  readonly faults: readonly string[];
}

/**
 * A directory with the files of secrets of all senders: `ghcr`, and any number of files such as `ghcr.ci`. A name after a dot
 * distinguishes the secrets of a sender, where a name inside a file could not be told from a part of a secret.
 */
export class SecretsDirectory {
  readonly #path: string;
  readonly #senders: ReadonlyMap<string, Prover>;
  readonly #log: Log;
  #files: ReadonlyMap<string, SecretsFile> = new Map();
  #held: ReadonlyMap<string, SenderSecrets> = new Map();
  #isFirstLook = true;

  constructor(path: string, senders: readonly Prover[], log: Log) {
    this.#path = path;
    this.#senders = new Map(senders.map((sender) => [sender.name, sender]));
    this.#log = log;
  }

  /** What the last look found. */
  of(sender: string): SenderSecrets {
    return this.#held.get(sender) ?? { secrets: [], faults: [] };
  }

  /** Looks at the directory and reads the files that have changed. Returns what is wrong with the directory itself. */
  async look(): Promise<string[]> {
    const { names, faults } = await this.#list();
    const files = new Map<string, SecretsFile>();
    await Promise.all(
      names.map(async ({ name, sender }) => {
        const file = await readSecretsFile(join(this.#path, name), sender, this.#files.get(name));
        if (file) files.set(name, file);
      }),
    );
    if (!this.#isFirstLook) this.#logChanges(files);
    const isChanged =
      files.size !== this.#files.size || names.some(({ name }) => files.get(name) !== this.#files.get(name));
    this.#files = files;
    this.#isFirstLook = false;
    if (isChanged) this.#held = new Map([...this.#senders.keys()].map((sender) => [sender, this.#merge(sender)]));
    return faults;
  }

  async #list(): Promise<{ names: { name: string; sender: Prover }[]; faults: string[] }> {
    try {
      const listed = await readdir(this.#path);
      // A mounted Secret or ConfigMap keeps its versions in entries that begin with a dot.
      const names = listed.filter((name) => !name.startsWith('.')).sort();
      const owned = names.map((name) => ({ name, sender: this.#senders.get(senderOf(name)) }));
      return {
        names: owned.flatMap(({ name, sender }) => (sender ? [{ name, sender }] : [])),
        // It is probably misspelled, and its sender would be closed silently.
        faults: owned.filter(({ sender }) => !sender).map(({ name }) => this.#strange(name)),
      };
    } catch (error) {
      return { names: [], faults: [`${this.#path} cannot be read: ${fileReason(error as NodeJS.ErrnoException)}`] };
    }
  }

  #strange(name: string): string {
    const hint = didYouMean(senderOf(name), [...this.#senders.keys()]);
    return `${join(this.#path, name)} belongs to no sender${hint}`;
  }

  /** All secrets of a sender. Each one costs a stranger's request an HMAC over its body, so that they are bounded together. */
  #merge(sender: string): SenderSecrets {
    const files = [...this.#files]
      .filter(([name]) => senderOf(name) === sender)
      .sort(([one], [other]) => (one < other ? -1 : 1));
    const secrets = files.flatMap(([, file]) => file.secrets);
    const faults = files.flatMap(([name, file]) => file.faults.map((fault) => `${join(this.#path, name)} ${fault}`));
    const [first] = secrets.slice(mostSecrets);
    if (!first) return { secrets, faults };
    const fault = `${this.#path} has more than ${mostSecrets} secrets of ${sender}; those from ${first.name} on are not valid`;
    return { secrets: secrets.slice(0, mostSecrets), faults: [...faults, fault] };
  }

  #logChanges(files: ReadonlyMap<string, SecretsFile>): void {
    for (const name of new Set([...this.#files.keys(), ...files.keys()])) {
      const [before, file] = [this.#files.get(name), files.get(name)];
      const fields = { sender: senderOf(name), path: join(this.#path, name), secrets: file?.secrets.length ?? 0 };
      if (!file) this.#log.warn(fields, 'file of secrets was removed; without another one its sender is closed');
      else if (file.faults.length > 0) {
        const message = file.faults.join('; ');
        const isLogged = message === before?.faults.join('; ');
        if (!isLogged) this.#log.error({ ...fields, message }, 'secrets in the file are not valid');
      } else if (file !== before) this.#log.info(fields, 'secrets changed and were read again');
    }
  }
}

function senderOf(file: string): string {
  return file.split('.', 1)[0] ?? '';
}
