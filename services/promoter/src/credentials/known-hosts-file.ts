import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileReason } from '@k8sta/text';
import type { Address } from './address.js';
import { CredentialsInvalid } from './credential.js';
import { type HostKey, hostKeysOf } from './known-hosts.js';

/**
 * The known_hosts file that libssh2 checks host keys with. libssh2 reads only `$HOME/.ssh/known_hosts`, for each
 * connection again, and knows neither patterns nor @revoked: we look a host up in the file of the operator and write
 * what libssh2 may accept to a home directory of our own.
 */
export class KnownHostsFile {
  readonly #source: string | undefined;
  readonly #home: string;
  readonly #lines = new Map<string, string>();
  #written: Promise<void> = Promise.resolve();
  #text: string | undefined;

  constructor(source: string | undefined, home: string) {
    this.#source = source;
    this.#home = home;
  }

  /** Creates the home directory. Without a known_hosts file in it, libgit2 refuses even to start. */
  async prepare(): Promise<void> {
    await mkdir(join(this.#home, '.ssh'), { recursive: true, mode: 0o700 });
    await this.#write();
  }

  /** Lets libssh2 accept the keys that the operator's file has for this host. Throws {@link CredentialsInvalid}. */
  async admit({ host, port }: Address): Promise<void> {
    const name = port === 22 ? host : `[${host}]:${port}`;
    const keys = await this.#keysOf(host, port);
    this.#lines.set(
      name,
      typeof keys === 'string' ? '' : keys.map(({ type, key }) => `${name} ${type} ${key}\n`).join(''),
    );
    await this.#write();
    if (typeof keys === 'string') throw new CredentialsInvalid(`K8STA_GIT_KNOWN_HOSTS: ${keys}`);
  }

  async #keysOf(host: string, port: number): Promise<readonly HostKey[] | string> {
    if (this.#source === undefined) return `is not set, and ${host} is reached by ssh`;
    const text = await readFile(this.#source, 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw new CredentialsInvalid(`K8STA_GIT_KNOWN_HOSTS: ${this.#source} cannot be read: ${fileReason(error)}`);
    });
    return hostKeysOf(text, host, port);
  }

  /** In one step, because a worker may read the file at any moment. */
  #write(): Promise<void> {
    this.#written = this.#written
      .catch(() => {})
      .then(async () => {
        const text = [...this.#lines.values()].join('');
        if (text === this.#text) return;
        const path = join(this.#home, '.ssh', 'known_hosts');
        await writeFile(`${path}.new`, text, { mode: 0o600 });
        await rename(`${path}.new`, path);
        this.#text = text;
      });
    return this.#written;
  }
}
