import { createHash } from 'node:crypto';
import sshpk from 'sshpk';

/** What git signs with ssh keys is of this namespace. */
const namespace = 'git';

/**
 * Signs as `ssh-keygen -Y sign -n git` does, in the format of OpenSSH:
 * https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig
 */
export function signWithSsh(text: string, privateKey: string): string {
  const key = sshpk.parsePrivateKey(privateKey, 'openssh');
  const hash = createHash('sha512').update(text).digest();
  const common = [string(namespace), string(''), string('sha512')];
  // The default of sshpk for RSA is SHA-256, and for the others the only hash that their curve allows.
  const signer = key.createSign(key.type === 'rsa' ? 'sha512' : key.defaultHashAlgorithm());
  signer.update(Buffer.concat([Buffer.from('SSHSIG'), ...common, string(hash)]));
  const version = Buffer.from([0, 0, 0, 1]);
  const publicKey = string(key.toPublic().toBuffer('rfc4253', {}));
  const signature = string(named(signer.sign().toBuffer('ssh'), key));
  const blob = Buffer.concat([Buffer.from('SSHSIG'), version, publicKey, ...common, signature]).toString('base64');
  const lines = blob.match(/.{1,70}/g) ?? [];
  return ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----'].join('\n');
}

/**
 * sshpk guesses the curve from the length of the first number of a signature. The number is shorter than its curve in one of
 * 256 signatures, and with nistp521 in every second one; then sshpk writes `ecdsa-sha2-undefined`.
 */
function named(signature: Buffer, { type, curve }: sshpk.PrivateKey): Buffer {
  if (type !== 'ecdsa') return signature;
  const numbers = signature.subarray(4 + signature.readUInt32BE(0));
  return Buffer.concat([string(`ecdsa-sha2-${curve}`), numbers]);
}

/** A string of RFC 4251: its length and its bytes. */
function string(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
