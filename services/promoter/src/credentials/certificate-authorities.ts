import { X509Certificate } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { fileReason } from '@k8sta/text';
import { CredentialsInvalid } from './credential.js';

/** Where systems keep their own bundle. */
const systemBundles = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/cert.pem'];

export interface CertificateAuthoritiesOptions {
  /** The operator's bundle, in PEM. */
  readonly file: string;
  /** The bundle of the system, if it is not in a usual place. */
  readonly systemFile: string | undefined;
  /** Where the file is written that the Git workers read. */
  readonly home: string;
  /** Called after the bundle has changed: a running worker has read the old one and keeps it. */
  readonly onChange: () => void;
}

/** The authorities of the system and the operator's own, in one file, because SSL_CERT_FILE replaces the system's. */
export class CertificateAuthorities {
  readonly path: string;
  readonly #options: CertificateAuthoritiesOptions;
  #own: string | undefined;
  #all: string[] = [];
  #reading: Promise<void> | undefined;

  constructor(options: CertificateAuthoritiesOptions) {
    this.#options = options;
    this.path = join(options.home, 'ca.crt');
  }

  /** All authorities, in PEM, as they were last read. */
  get all(): readonly string[] {
    return this.#all;
  }

  /** Reads the bundle again. Throws {@link CredentialsInvalid} if it is broken; the last good one stays in use. */
  refresh(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #read(): Promise<void> {
    const { file, onChange } = this.#options;
    const own = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw new CredentialsInvalid(`K8STA_GIT_CA_FILE: ${file} cannot be read: ${fileReason(error)}`);
    });
    if (own === this.#own) return;
    const certificates = certificatesOf(own);
    if (certificates.length === 0) {
      throw new CredentialsInvalid(`K8STA_GIT_CA_FILE: ${file} has no certificate that can be read (PEM)`);
    }
    const isFirst = this.#own === undefined;
    this.#all = [...(await this.#system()), ...certificates];
    await writeFile(`${this.path}.new`, `${this.#all.join('\n')}\n`);
    await rename(`${this.path}.new`, this.path);
    this.#own = own;
    if (!isFirst) onChange();
  }

  async #system(): Promise<readonly string[]> {
    const { systemFile } = this.#options;
    for (const path of systemFile === undefined ? systemBundles : [systemFile]) {
      const text = await readFile(path, 'utf8').catch(() => '');
      const certificates = text.match(pem) ?? [];
      if (certificates.length > 0) return certificates;
    }
    return rootCertificates;
  }
}

const pem = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

function certificatesOf(text: string): string[] {
  const found = text.match(pem) ?? [];
  return found.every(isCertificate) ? [...found] : [];
}

function isCertificate(text: string): boolean {
  try {
    return new X509Certificate(text).subject !== undefined;
  } catch {
    return false;
  }
}
