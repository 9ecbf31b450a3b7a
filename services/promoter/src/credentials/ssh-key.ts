import sshpk from 'sshpk';

/** What sshpk reads and libssh2 can use. It has no keys of security tokens and no certificates. */
const usable = new Set(['ed25519', 'ecdsa', 'rsa']);

const parsed = new Map<string, string | Error>();

/**
 * Reads an ssh private key (OpenSSH, PEM or PKCS#8; ed25519, ecdsa or rsa) and returns it in OpenSSH's format without
 * its passphrase: deriving the key of an encrypted one takes half a second, and libssh2 would do it for each connection.
 * Throws an Error whose message never quotes the key or the passphrase.
 */
export function readSshKey(text: string, passphrase: string | undefined): string {
  const key = `${passphrase ?? ''}\0${text}`;
  const known = parsed.get(key) ?? parse(text, passphrase);
  // Rotated keys do not pile up.
  if (parsed.size > 1_000) parsed.clear();
  parsed.set(key, known);
  if (known instanceof Error) throw known;
  return known;
}

function parse(text: string, passphrase: string | undefined): string | Error {
  try {
    const key = sshpk.parsePrivateKey(text, 'auto', passphrase === undefined ? {} : { passphrase });
    if (!usable.has(key.type)) return new Error(`is a ${key.type} key; it must be an ed25519, ecdsa or rsa key`);
    return key.toString('openssh');
  } catch (error) {
    const { name, message } = error as Error;
    if (name === 'KeyEncryptedError') return new Error('is encrypted; add its passphrase as sshPrivateKeyPassphrase');
    if (/passphrase|decrypt/i.test(message)) return new Error('cannot be decrypted with sshPrivateKeyPassphrase');
    return new Error('is not a private key that can be read (OpenSSH, PEM or PKCS#8; ed25519, ecdsa or rsa)');
  }
}
