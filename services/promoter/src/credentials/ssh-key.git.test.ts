import assert from 'node:assert/strict';
import { createSshKey } from '@k8sta/sandbox';
import { readSshKey } from './ssh-key.js';

describe('an ssh key', () => {
  for (const type of ['ed25519', 'ecdsa', 'rsa'] as const) {
    it(`of type ${type} is read with its passphrase, and no message quotes one`, async () => {
      const { privateKey } = await createSshKey(type, 'hunter2');
      const read = readSshKey(privateKey, 'hunter2');
      assert.match(read, /^-----BEGIN OPENSSH PRIVATE KEY-----/);
      assert.match(readSshKey(read, undefined), /^-----BEGIN OPENSSH PRIVATE KEY-----/);
      assert.throws(() => readSshKey(privateKey, undefined), /^Error: is encrypted; add its passphrase as sshPriv/);
      assert.throws(() => readSshKey(privateKey, 'wrong'), /^Error: cannot be decrypted with sshPrivateKeyPassphrase$/);
    });
  }

  for (const format of ['PEM', 'PKCS8'] as const) {
    it(`is read in ${format}`, async () => {
      const { privateKey } = await createSshKey('rsa', 'hunter2', format);
      assert.match(readSshKey(privateKey, 'hunter2'), /^-----BEGIN OPENSSH PRIVATE KEY-----/);
    });
  }

  it('is refused if it is a public key', async () => {
    const { publicKey } = await createSshKey('ed25519');
    assert.throws(() => readSshKey(publicKey, undefined), /^Error: is not a private key that can be read/);
  });
});
