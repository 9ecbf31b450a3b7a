import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryDirectory } from '@k8sta/sandbox';
import { signWithSsh } from './ssh-signature.js';

const run = promisify(execFile);

describe('a signature with an ssh key', () => {
  it('is accepted by ssh-keygen, however short the numbers of an ecdsa signature are', async () => {
    const directory = await temporaryDirectory('ssh-signature');
    const key = join(directory.path, 'key');
    // The first number of every second signature is shorter than this curve.
    await run('ssh-keygen', ['-q', '-t', 'ecdsa', '-b', '521', '-N', '', '-f', key]);
    const privateKey = await readFile(key, 'utf8');
    const signed = join(directory.path, 'signed');
    await writeFile(signed, 'text');
    for (let round = 0; round < 20; round++) {
      const signature = join(directory.path, `${round}.sig`);
      await writeFile(signature, `${signWithSsh('text', privateKey)}\n`);
      const check = `ssh-keygen -Y check-novalidate -n git -s ${signature} < ${signed}`;
      await run('sh', ['-c', check]);
    }
    await directory.remove();
  });
});
