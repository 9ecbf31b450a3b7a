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
import { startWholeRailway, type WholeRailway } from './whole-railway.js';

describe('a ride by ssh', () => {
  let server: SshGitServer;
  let directory: TemporaryDirectory;
  let railway: WholeRailway;

  before(async () => {
    server = await startSshGitServer();
    directory = await temporaryDirectory('ssh-ride');
    const [key, knownHosts] = ['key', 'known_hosts'].map((name) => join(directory.path, name)) as [string, string];
    const { privateKey, publicKey } = await createSshKey('ed25519');
    await server.authorize(publicKey);
    await writeFile(knownHosts, await server.knownHosts());
    await writeFile(key, privateKey, { mode: 0o600 });
    const sshCommand = `ssh -F none -i ${key} -o IdentitiesOnly=yes -o UserKnownHostsFile=${knownHosts}`;
    railway = await startWholeRailway({
      host: {
        createRepository: (name, contents) => server.createRepository(name, contents),
        secret: { url: server.url, sshPrivateKey: privateKey },
        argo: { sshCommand },
      },
      environment: { promoter: { K8STA_GIT_KNOWN_HOSTS: knownHosts } },
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
});
