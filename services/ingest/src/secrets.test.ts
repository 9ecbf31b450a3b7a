import assert from 'node:assert/strict';
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '@k8sta/bus';
import { type TemporaryDirectory, temporaryDirectory } from '@k8sta/sandbox';
import { openSecrets, type Secrets } from './secrets.js';
import { dockerHub } from './senders/dockerhub.js';
import { hmac, oidcToken } from './senders/proof.js';
import type { Sender } from './senders/sender.js';

const one = 'one-secret-of-enough-characters';
const two = 'two-secret-of-enough-characters';
const signed: Sender = {
  ...dockerHub,
  name: 'signed',
  proof: hmac('X-Signature', { algorithm: 'sha256', prefix: '', encoding: 'hex' }),
};

describe('the secrets of senders', () => {
  let directory: TemporaryDirectory;
  let file: string;
  let logged: string[];
  const note = (fields: object, message: string) =>
    void logged.push((message + JSON.stringify(fields)).replaceAll(directory.path, ''));
  const log: Log = { debug() {}, info: note, warn: note, error: note };
  const open = (senders: readonly Sender[] = [dockerHub], maxAgeMs = 0) =>
    openSecrets({ variable: 'K8STA_X', directory: directory.path, senders, log, maxAgeMs });
  const rejects = (opening: Promise<unknown>, faults: readonly string[]) =>
    assert.rejects(opening, (error: Error & { faults: string[] }) => {
      assert.deepEqual(
        error.faults.map((fault) => fault.replaceAll(directory.path, '')),
        faults,
      );
      return true;
    });

  const valuesOf = async (secrets: Secrets, sender: string) => (await secrets.of(sender)).map(({ value }) => value);

  beforeEach(async () => {
    directory = await temporaryDirectory('secrets');
    file = join(directory.path, 'dockerhub');
    logged = [];
    await writeFile(file, `${one}\n`);
  });
  afterEach(async () => {
    await directory.remove();
    assert.ok(!logged.join().includes(one) && !logged.join().includes(two), 'a secret was logged');
  });

  it('are read again when a file changes, so that they can be rotated', async () => {
    const secrets = await open();
    assert.equal(await secrets.check(), undefined);
    assert.deepEqual(await valuesOf(secrets, 'dockerhub'), [one]);
    await writeFile(file, `${one}\n\n  ${two}\r\n`);
    assert.deepEqual(await valuesOf(secrets, 'dockerhub'), [one, two]);
    await writeFile(`${file}.new`, `${two}\n`);
    await rename(`${file}.new`, file);
    assert.deepEqual(await valuesOf(secrets, 'dockerhub'), [two]);
    assert.equal(logged.length, 2);
  });

  it('follow the links of a mounted Secret when the kubelet swaps its versions', async () => {
    const at = (path: string) => join(directory.path, path);
    for (const [version, secret] of [
      ['..1', one],
      ['..2', two],
    ] as const) {
      await mkdir(at(version));
      await writeFile(at(`${version}/dockerhub`), secret);
    }
    await rm(file);
    await symlink('..1', at('..data'));
    await symlink('..data/dockerhub', file);
    const secrets = await open();
    assert.deepEqual(await valuesOf(secrets, 'dockerhub'), [one]);
    await symlink('..2', at('..new'));
    await rename(at('..new'), at('..data'));
    assert.deepEqual(await valuesOf(secrets, 'dockerhub'), [two]);
  });

  it('are refused from the next request on after their file is emptied or removed, which is logged once each', async () => {
    const secrets = await open();
    await writeFile(file, '');
    const answers = await Promise.all(Array.from({ length: 20 }, () => valuesOf(secrets, 'dockerhub')));
    assert.deepEqual(answers.flat(), []);
    await assert.rejects(secrets.check(), { message: `K8STA_X: ${file} holds no secret` });
    assert.equal(logged.length, 1);
    await rm(file);
    assert.deepEqual(await valuesOf(secrets, 'dockerhub'), []);
    assert.deepEqual(await valuesOf(secrets, 'dockerhub'), []);
    const { path } = directory;
    await assert.rejects(secrets.check(), {
      message: `K8STA_X: ${path} holds no file named as a sender (dockerhub)`,
    });
    const closed = { sender: 'dockerhub', path: '/dockerhub', secrets: 0 };
    assert.deepEqual(logged.slice(1), [
      `file of secrets was removed; without another one its sender is closed${JSON.stringify(closed)}`,
    ]);
    await writeFile(file, one);
    assert.deepEqual(await valuesOf(secrets, 'dockerhub'), [one]);
    assert.equal(await secrets.check(), undefined);
  });

  it('are looked at again only after a while if that is allowed, but each time for readiness', async () => {
    const secrets = await open([dockerHub], 3_600_000);
    await writeFile(file, two);
    assert.deepEqual(await valuesOf(secrets, 'dockerhub'), [one]);
    assert.equal(await secrets.check(), undefined);
    assert.deepEqual(await valuesOf(secrets, 'dockerhub'), [two]);
  });

  it('stay valid next to an invalid line, whose number is in the log and in /readyz', async () => {
    await writeFile(file, `${one}\n${two}\n`);
    const secrets = await open();
    await writeFile(file, `${one}\n${two} \u00fc\n`);
    assert.deepEqual(await valuesOf(secrets, 'dockerhub'), [one]);
    const message = 'line 2 may hold only letters, digits, "-", ".", "_" and "~"';
    assert.equal(await secrets.check(), `K8STA_X: ${file} ${message}`);
    const fields = { sender: 'dockerhub', path: '/dockerhub', secrets: 1, message };
    assert.deepEqual(logged, [`secrets in the file are not valid${JSON.stringify(fields)}`]);
  });

  it('stay valid while the file of another sender is damaged', async () => {
    await writeFile(join(directory.path, 'signed'), two);
    const secrets = await open([dockerHub, signed]);
    await writeFile(join(directory.path, 'signed'), '');
    assert.equal(await secrets.check(), `K8STA_X: ${join(directory.path, 'signed')} holds no secret`);
    assert.deepEqual([await valuesOf(secrets, 'dockerhub'), await valuesOf(secrets, 'signed')], [[one], []]);
  });

  it('close a sender that has no file, which the start logs, and open it once it has one', async () => {
    const secrets = await open([dockerHub, signed]);
    assert.deepEqual(logged, ['senders without a file of secrets are closed{"senders":["signed"],"directory":""}']);
    assert.deepEqual(await valuesOf(secrets, 'signed'), []);
    assert.equal(await secrets.check(), undefined);
    await writeFile(join(directory.path, 'signed'), two);
    assert.deepEqual(await valuesOf(secrets, 'signed'), [two]);
    assert.deepEqual(await valuesOf(secrets, 'unheard-of'), []);
  });

  it('are faults of the configuration at start-up if they are not valid', async () => {
    await writeFile(file, `short\n${one}\na b`);
    await rejects(open(), [
      'K8STA_X: /dockerhub line 1 has fewer than 16 characters',
      'K8STA_X: /dockerhub line 3 has fewer than 16 characters',
      'K8STA_X: /dockerhub line 3 may hold only letters, digits, "-", ".", "_" and "~"',
    ]);
    await writeFile(file, '\n');
    await rejects(open(), ['K8STA_X: /dockerhub holds no secret']);
    await rm(file);
    await rejects(open(), ['K8STA_X:  holds no file named as a sender (dockerhub)']);
    await mkdir(file);
    await rejects(open(), ['K8STA_X: /dockerhub cannot be read: it is a directory']);
    await rename(file, join(directory.path, 'docker-hub'));
    await rejects(open(), ['K8STA_X: /docker-hub belongs to no sender; did you mean "dockerhub"?']);
    await directory.remove();
    await rejects(open(), ['K8STA_X:  cannot be read: it does not exist']);
  });

  it('may be in several files of a sender, which name them, and are bounded together', async () => {
    const named = (name: string) => join(directory.path, name);
    await writeFile(named('dockerhub.ci'), `\n${two}\n`);
    const secrets = await open([dockerHub, signed]);
    assert.deepEqual(await secrets.of('dockerhub'), [
      { name: 'dockerhub:1', value: one },
      { name: 'dockerhub.ci:2', value: two },
    ]);
    await rm(file);
    await writeFile(named('signed.2026-01'), two);
    assert.deepEqual(await secrets.of('dockerhub'), [{ name: 'dockerhub.ci:2', value: two }]);
    assert.deepEqual(await secrets.of('signed'), [{ name: 'signed.2026-01:1', value: two }]);
    assert.equal(await secrets.check(), undefined);
    await writeFile(file, Array.from({ length: 6 }, (_, at) => `${one}-${at}`).join('\n'));
    await writeFile(named('dockerhub.ci'), Array.from({ length: 6 }, (_, at) => `${two}-${at}`).join('\n'));
    const fault = 'has more than 10 secrets of dockerhub; those from dockerhub.ci:5 on are not valid';
    assert.equal(await secrets.check(), `K8STA_X: ${directory.path} ${fault}`);
    assert.equal((await secrets.of('dockerhub')).length, 10);
    await writeFile(named('docker.ci'), two);
    await rejects(open(), [
      'K8STA_X: /docker.ci belongs to no sender; did you mean "dockerhub"?',
      'K8STA_X: /signed.2026-01 belongs to no sender',
      `K8STA_X:  ${fault}`,
    ]);
  });

  it('of a sender with an OIDC token say whose tokens are accepted, and name what is wrong', async () => {
    const job: Sender = { ...dockerHub, name: 'job', proof: oidcToken() };
    const write = (line: object | string) =>
      writeFile(join(directory.path, 'job'), typeof line === 'string' ? line : JSON.stringify(line));
    const trusted = { issuer: 'https://gitlab.com', audience: 'k8sta', claims: { project_path: 'acme/app' } };
    await write(trusted);
    const secrets = await open([dockerHub, job]);
    assert.deepEqual(await valuesOf(secrets, 'job'), [JSON.stringify(trusted)]);
    await write({ ...trusted, claims: {} });
    assert.deepEqual(await valuesOf(secrets, 'job'), []);
    const fault = 'K8STA_X: /job line 1 claims: must not be empty: any token of the issuer would be accepted';
    assert.match((await secrets.check())?.replace(directory.path, '') ?? '', new RegExp(`^${fault}`));
    await assert.rejects(open([dockerHub, job]), /must not be empty: any token of the issuer/);
  });
});
