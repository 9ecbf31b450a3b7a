import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createSshKey,
  type SshGitServer,
  startSshGitServer,
  type TemporaryDirectory,
  temporaryDirectory,
} from '@k8sta/sandbox';
import { assertAsIfNothingHappened } from './as-if-nothing-happened.js';
import { startTestSystem, type TestSystem } from './test-system.js';

describe('a ride by ssh', () => {
  let server: SshGitServer;
  let directory: TemporaryDirectory;
  let railway: TestSystem;
  let privateKey: string;
  const lines: string[] = [];

  before(async () => {
    server = await startSshGitServer();
    directory = await temporaryDirectory('ssh-ride');
    const [key, knownHosts] = ['key', 'known_hosts'].map((name) => join(directory.path, name)) as [string, string];
    const pair = await createSshKey('ed25519');
    privateKey = pair.privateKey;
    await server.authorize(pair.publicKey);
    await writeFile(knownHosts, await server.knownHosts());
    await writeFile(key, privateKey, { mode: 0o600 });
    const sshCommand = `ssh -F none -i ${key} -o IdentitiesOnly=yes -o UserKnownHostsFile=${knownHosts}`;
    railway = await startTestSystem({
      host: {
        createRepository: (name, contents) => server.createRepository(name, contents),
        secret: { url: server.url, sshPrivateKey: privateKey },
        argo: { sshCommand },
      },
      environment: { promoter: { K8STA_GIT_KNOWN_HOSTS: knownHosts, K8STA_LOG_LEVEL: 'debug' } },
      onLine: (line) => lines.push(line),
    });
  });
  after(async () => {
    await railway?.stop();
    await server?.stop();
    await directory?.remove();
  });

  it('takes an image to the last Station, one commit each', async () => {
    const ticket = await railway.pushUntilAccepted('1.4.2');
    await railway.tap.completed(ticket, 60_000);
    await assertAsIfNothingHappened(railway, ticket);
  });

  it('leaves no part of the key in a log, an event or a commit', async () => {
    const log = (await railway.repository.log()).map(({ message }) => message);
    const written = [...lines, ...railway.tap.all().map((event) => JSON.stringify(event)), ...log];
    assert.ok(lines.length > 0 && log.length > 1);
    const [, ...parts] = privateKey.trim().split('\n').slice(0, -1);
    for (const line of written) for (const part of parts) assert.ok(!line.includes(part), line);
  });
});
