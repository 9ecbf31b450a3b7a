import assert from 'node:assert/strict';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '@k8sta/bus';
import { type TemporaryDirectory, temporaryDirectory } from '@k8sta/sandbox';
import { isOneOf, openSecrets, parseSecrets } from './secrets.js';

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
    assert.deepEqual(parseSecrets(`${one}\n\n  ${two}\r\n`), { secrets: [one, two], faults: [] });
    assert.deepEqual(parseSecrets(`${one}\n\nshort\na/secret with characters\n?`), {
      secrets: [one],
      faults: [
        'line 3 has fewer than 16 characters',
        'line 4 may hold only letters, digits, "-", ".", "_" and "~"',
        'line 5 has fewer than 16 characters',
        'line 5 may hold only letters, digits, "-", ".", "_" and "~"',
      ],
    });
    assert.deepEqual(parseSecrets(' \n'), { secrets: [], faults: ['holds no secret'] });
  });

  describe('in a file', () => {
    let directory: TemporaryDirectory;
    let file: string;
    let logged: string[];
    const log: Log = {
      debug() {},
      info: (fields, message) => void logged.push(message + JSON.stringify(fields)),
      warn() {},
      error: (fields, message) => void logged.push(message + JSON.stringify(fields)),
    };
    const open = () => openSecrets('K8STA_X', file, log);

    beforeEach(async () => {
      directory = await temporaryDirectory('secrets');
      file = join(directory.path, 'secrets');
      logged = [];
      await writeFile(file, `${one}\n`);
    });
    afterEach(async () => {
      await directory.remove();
      assert.ok(!logged.join().includes(one) && !logged.join().includes(two), 'a secret was logged');
    });

    it('are read again when it changes, so that they can be rotated', async () => {
      const secrets = await open();
      assert.equal(await secrets.check(), undefined);
      assert.equal(await secrets.accept(two), false);
      await writeFile(file, `${one}\n\n  ${two}\r\n`);
      assert.deepEqual([await secrets.accept(one), await secrets.accept(two)], [true, true]);
      await writeFile(`${file}.new`, `${two}\n`);
      await rename(`${file}.new`, file);
      assert.deepEqual([await secrets.accept(one), await secrets.accept(two)], [false, true]);
    });

    it('are not valid from the request on after it is emptied or removed, which is logged once each', async () => {
      const secrets = await open();
      await writeFile(file, '');
      const answers = await Promise.all(Array.from({ length: 20 }, () => secrets.accept(one)));
      assert.deepEqual(new Set(answers), new Set([false]));
      await assert.rejects(secrets.check(), { message: `K8STA_X: ${file} holds no secret` });
      assert.equal(logged.length, 1);
      await rm(file);
      assert.equal(await secrets.accept(one), false);
      assert.equal(await secrets.accept(one), false);
      await assert.rejects(secrets.check(), /^Error: K8STA_X: .* cannot be read: it does not exist$/);
      assert.equal(logged.length, 2);
      await writeFile(file, one);
      assert.ok(await secrets.accept(one));
      assert.equal(await secrets.check(), undefined);
    });

    it('stay valid beside a line that is not, which the log and the readiness name by its number', async () => {
      await writeFile(file, `${one}\n${two}\n`);
      const secrets = await open();
      await writeFile(file, `${one}\n${two} \u00fc\n`);
      assert.deepEqual([await secrets.accept(one), await secrets.accept(two)], [true, false]);
      const fault = `K8STA_X: ${file} line 2 may hold only letters, digits, "-", ".", "_" and "~"`;
      assert.equal(await secrets.check(), fault);
      assert.deepEqual(logged, [
        `secrets in the file are not valid${JSON.stringify({ path: file, secrets: 1, reason: fault })}`,
      ]);
    });

    it('are faults of the configuration when the service starts', async () => {
      await writeFile(file, `short\n${one}\na b`);
      await assert.rejects(open(), (error: Error & { faults: string[] }) => {
        assert.deepEqual(
          error.faults.map((fault) => fault.replace(file, 'F')),
          [
            'K8STA_X: F line 1 has fewer than 16 characters',
            'K8STA_X: F line 3 has fewer than 16 characters',
            'K8STA_X: F line 3 may hold only letters, digits, "-", ".", "_" and "~"',
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
