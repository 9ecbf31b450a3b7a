import assert from 'node:assert/strict';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '@k8sta/bus';
import { type TemporaryDirectory, temporaryDirectory } from '@k8sta/sandbox';
import { isOneOf, openSecrets, secretFaults } from './secrets.js';

const one = 'one-secret-of-enough-characters';
const two = 'two-secret-of-enough-characters';

describe('secrets', () => {
  it('are accepted whole, and any of them is', () => {
    assert.ok(isOneOf([one, two], one));
    assert.ok(isOneOf([one, two], two));
    for (const wrong of ['', one.slice(1), `${one}x`, one.toUpperCase(), `${one}\n${two}`, encodeURIComponent('ü')]) {
      assert.equal(isOneOf([one, two], wrong), false, wrong);
    }
    assert.equal(isOneOf([], ''), false);
  });

  it('are long enough to be secret, and fit into an address as they are', () => {
    assert.deepEqual(secretFaults([one, two]), []);
    assert.deepEqual(secretFaults([one, 'short', 'a/secret with characters', '?']), [
      'secret 2 has fewer than 16 characters',
      'secret 3 may hold only letters, digits, "-", ".", "_" and "~"',
      'secret 4 has fewer than 16 characters',
      'secret 4 may hold only letters, digits, "-", ".", "_" and "~"',
    ]);
  });

  describe('in a file', () => {
    let directory: TemporaryDirectory;
    let file: string;
    let told: string[];
    const log: Log = {
      debug() {},
      info: (fields, message) => void told.push(message + JSON.stringify(fields)),
      warn() {},
      error: (fields, message) => void told.push(message + JSON.stringify(fields)),
    };
    const open = () => openSecrets('K8STA_X', file, log);

    beforeEach(async () => {
      directory = await temporaryDirectory('secrets');
      file = join(directory.path, 'secrets');
      told = [];
      await writeFile(file, `${one}\n`);
    });
    afterEach(() => directory.remove());

    it('are read again when it changes, so that they can be rotated', async () => {
      const secrets = await open();
      assert.equal(await secrets.accept(two), false);
      await writeFile(file, `${one}\n\n  ${two}\r\n`);
      assert.deepEqual([await secrets.accept(one), await secrets.accept(two)], [true, true]);
      await writeFile(`${file}.new`, `${two}\n`);
      await rename(`${file}.new`, file);
      assert.deepEqual([await secrets.accept(one), await secrets.accept(two)], [false, true]);
    });

    it('stay as they were while it cannot be used, and that is said once', async () => {
      const secrets = await open();
      await writeFile(file, 'short');
      assert.ok(await secrets.accept(one));
      assert.equal(await secrets.accept('short'), false);
      assert.equal(told.length, 1);
      await rm(file);
      assert.ok(await secrets.accept(one));
      assert.equal(told.length, 2);
      assert.match(told[1] ?? '', /cannot be used.*K8STA_X: .* cannot be read: it does not exist/);
      await writeFile(file, two);
      assert.ok(await secrets.accept(two));
      assert.ok(!told.join().includes(one) && !told.join().includes(two));
    });

    it('are faults of the configuration when they cannot be used at first', async () => {
      await writeFile(file, `short\n${one}\na b`);
      await assert.rejects(open(), (error: Error & { faults: string[] }) => {
        assert.deepEqual(
          error.faults.map((fault) => fault.replace(file, 'F')),
          [
            'K8STA_X: F secret 1 has fewer than 16 characters',
            'K8STA_X: F secret 3 has fewer than 16 characters',
            'K8STA_X: F secret 3 may hold only letters, digits, "-", ".", "_" and "~"',
          ],
        );
        return true;
      });
      await writeFile(file, '\n');
      await assert.rejects(open(), /K8STA_X: .* holds no secret/);
      await rm(file);
      await assert.rejects(open(), /K8STA_X: .* cannot be read: it does not exist/);
    });
  });
});
