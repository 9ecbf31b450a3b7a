import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TemporaryDirectory, temporaryDirectory } from '@k8sta/sandbox';
import { openSecrets } from '../secrets.js';
import { reporters } from './reporters.js';

describe('the secrets of those who report checks', () => {
  let directory: TemporaryDirectory;
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const open = () =>
    openSecrets({ variable: 'K8STA_X', directory: directory.path, senders: reporters, log, mayBeEmpty: true });

  beforeEach(async () => {
    directory = await temporaryDirectory('reporters');
  });
  afterEach(() => directory.remove());

  it('may be absent, and are used as soon as they are there', async () => {
    const secrets = await open();
    assert.equal(await secrets.check(), undefined);
    assert.deepEqual(await secrets.of('generic'), []);
    const file = join(directory.path, 'generic.smoke');
    await writeFile(file, 'a-secret-of-enough-characters\n');
    assert.equal((await secrets.of('generic'))[0]?.name, 'generic.smoke:1');
    await rm(file);
    assert.deepEqual(await secrets.of('generic'), []);
  });

  it('stop the start if a claim is empty, or a file is of nobody who may report', async () => {
    const claims = { repository: '' };
    const line = JSON.stringify({ issuer: 'https://token.actions.githubusercontent.com', audience: 'k8sta', claims });
    await writeFile(join(directory.path, 'generic-oidc'), line);
    await assert.rejects(open(), /generic-oidc line 1 claims\.repository: .*must not be empty/);
    await rm(join(directory.path, 'generic-oidc'));
    await writeFile(join(directory.path, 'genric'), 'a-secret-of-enough-characters\n');
    await assert.rejects(open(), /genric belongs to no sender; did you mean "generic"\?/);
  });
});
