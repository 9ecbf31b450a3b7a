import { readFile } from 'node:fs/promises';
import { fileReason, sanitizeLine } from '@k8sta/text';
import type { PrivateKey } from 'openpgp';
import type { SigningKey } from '../git/worker/protocol.js';
import { CredentialsInvalid } from './credential.js';
import { readSshKey } from './ssh-key.js';

export interface SigningKeyFiles {
  readonly keyFile: string | undefined;
  readonly passphraseFile: string | undefined;
}

/** Reads the key that signs the commits, again each time. Throws {@link CredentialsInvalid}, which quotes no secret. */
export class SigningKeyReader {
  readonly #files: SigningKeyFiles;
  #last: { readonly text: string; readonly passphrase: string | undefined; readonly key: SigningKey } | undefined;

  constructor(files: SigningKeyFiles) {
    this.#files = files;
  }

  /** The key without its passphrase; undefined if commits are not signed. */
  async read(): Promise<SigningKey | undefined> {
    const { keyFile, passphraseFile } = this.#files;
    if (keyFile === undefined) return undefined;
    const text = await readSetting('K8STA_GIT_SIGNING_KEY_FILE', keyFile);
    const passphrase =
      passphraseFile === undefined
        ? undefined
        : (await readSetting('K8STA_GIT_SIGNING_PASSPHRASE_FILE', passphraseFile)).replace(/\r?\n$/, '');
    if (this.#last?.text === text && this.#last.passphrase === passphrase) return this.#last.key;
    const key = await parse(text, passphrase).catch((error: Error) => {
      throw new CredentialsInvalid(`K8STA_GIT_SIGNING_KEY_FILE: ${keyFile} ${error.message}`);
    });
    this.#last = { text, passphrase, key };
    return key;
  }
}

async function readSetting(variable: string, path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CredentialsInvalid(`${variable}: ${path} cannot be read: ${fileReason(error)}`);
  });
}

async function parse(text: string, passphrase: string | undefined): Promise<SigningKey> {
  if (text.includes('-----BEGIN PGP PRIVATE KEY BLOCK-----')) {
    return { format: 'openpgp', privateKey: await readOpenPgpKey(text, passphrase) };
  }
  try {
    return { format: 'ssh', privateKey: readSshKey(text, passphrase) };
  } catch (error) {
    const message = (error as Error).message.replaceAll('sshPrivateKeyPassphrase', 'K8STA_GIT_SIGNING_PASSPHRASE_FILE');
    throw new Error(message);
  }
}

async function readOpenPgpKey(armoredKey: string, passphrase: string | undefined): Promise<string> {
  const { decryptKey, readPrivateKey } = await import('openpgp');
  const key = await readPrivateKey({ armoredKey }).catch(() => {
    throw new Error('is not an OpenPGP private key that can be read');
  });
  if (key.isDecrypted()) return armored(key);
  if (passphrase === undefined) throw new Error('is encrypted; set K8STA_GIT_SIGNING_PASSPHRASE_FILE');
  const decrypted = await decryptKey({ privateKey: key, passphrase }).catch(() => {
    throw new Error('cannot be decrypted with K8STA_GIT_SIGNING_PASSPHRASE_FILE');
  });
  return armored(decrypted);
}

/** Throws if the key is expired or revoked, or has no part that may sign: each push would fail, and not say which key it is. */
async function armored(key: PrivateKey): Promise<string> {
  await key.getSigningKey().catch(({ message }: Error) => {
    throw new Error(`cannot sign: ${sanitizeLine(message, 200)}`);
  });
  return key.armor();
}
