import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The files of a self-signed certificate. */
export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
}

/** A certificate for 127.0.0.1, for both ends of a connection. A peer trusts it with `certFile` as the CA. */
export async function createCertificate(directory: string, name: string): Promise<Certificate> {
  // Its two hundred modules take a fifth of the time that it takes to load this package, and few tests need them.
  const { generate } = await import('selfsigned');
  const made = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 7, ip: '127.0.0.1' },
          // Clients that send no server name for an IP address check for this.
          { type: 2, value: 'localhost' },
        ],
      },
    ],
  });
  const certFile = join(directory, `${name}.crt`);
  const keyFile = join(directory, `${name}.key`);
  await writeFile(certFile, made.cert);
  await writeFile(keyFile, made.private, { mode: 0o600 });
  return { certFile, keyFile };
}
