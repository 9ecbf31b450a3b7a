import type { SigningKey } from './protocol.js';
import { signWithSsh } from './ssh-signature.js';

/**
 * The detached signature of a commit, for its `gpgsig` header: https://git-scm.com/docs/gitformat-signature. Git tells
 * the formats apart by the first line of the signature.
 */
export async function signCommit(text: string, { format, privateKey }: SigningKey): Promise<string> {
  return format === 'ssh' ? signWithSsh(text, privateKey) : signWithOpenPgp(text, privateKey);
}

async function signWithOpenPgp(text: string, armoredKey: string): Promise<string> {
  // Loaded only when it is needed: it is as large as the rest of the worker.
  const { createMessage, readPrivateKey, sign } = await import('openpgp');
  const signature = await sign({
    // Bytes, because a signature of text would change the line ends.
    message: await createMessage({ binary: Buffer.from(text) }),
    signingKeys: await readPrivateKey({ armoredKey }),
    detached: true,
    format: 'armored',
  });
  return signature.replaceAll('\r\n', '\n').trimEnd();
}
