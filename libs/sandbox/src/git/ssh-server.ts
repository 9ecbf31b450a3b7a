import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryDirectory } from '../directory.js';
import { type Server, startServer } from '../server.js';
import { hermeticEnvironment } from './command.js';
import { createRepository, type Repository, type RepositoryContents } from './repository.js';

export type SshKeyType = 'ed25519' | 'ecdsa' | 'rsa';

export interface SshKey {
  /** The text of the private key, in the format of OpenSSH. */
  readonly privateKey: string;
  /** One line, as in authorized_keys. */
  readonly publicKey: string;
}

export interface SshGitServer extends Server {
  /** The user to log in as: the one that runs the tests. */
  readonly user: string;
  /** The lines of known_hosts for this server as it is now. */
  knownHosts(): Promise<string>;
  /** Lets exactly these public keys in. */
  authorize(...publicKeys: string[]): Promise<void>;
  /** Gives the server new host keys of these types, and restarts it. */
  changeHostKeys(...types: SshKeyType[]): Promise<void>;
  /** Creates `<url>/<name>.git`; the name may have slashes. */
  createRepository(name: string, contents: RepositoryContents): Promise<Repository>;
}

const run = promisify(execFile);

/** A real sshd of OpenSSH on 127.0.0.1 that runs as this user, with host keys of its own, and serves only Git. */
export async function startSshGitServer(
  options: { hostKeys?: readonly SshKeyType[]; address?: string; port?: number } = {},
): Promise<SshGitServer> {
  const { hostKeys = ['ed25519'], address = '127.0.0.1' } = options;
  const sshd = await findSshd();
  const at = await temporaryDirectory('ssh');
  const [root, config] = [join(at.path, 'repositories'), join(at.path, 'sshd_config')];
  await mkdir(root);
  await writeFile(join(at.path, 'authorized_keys'), '', { mode: 0o600 });
  await writeServe(at.path, root);
  let keys = await writeHostKeys(at.path, hostKeys);
  const configure = () => writeFile(config, configuration(at.path, keys));
  await configure();
  const server = await startServer({
    scheme: 'ssh',
    port: options.port,
    launch: (port) => ({
      command: sshd,
      args: ['-D', '-e', '-f', config, '-p', String(port), '-o', `ListenAddress=${address}`],
      install: install.message,
      ready: { output: (text) => text.includes('Server listening on') },
    }),
    removeData: () => at.remove(),
  });
  const { username: user } = userInfo();
  const url = `ssh://${user}@${address}:${server.port}`;
  return Object.assign(server, {
    ...{ user, url },
    async knownHosts() {
      const name = server.port === 22 ? address : `[${address}]:${server.port}`;
      const texts = await Promise.all(keys.map((path) => readFile(`${path}.pub`, 'utf8')));
      return texts.map((text) => `${name} ${text.split(' ').slice(0, 2).join(' ')}\n`).join('');
    },
    authorize: (...publicKeys: string[]) =>
      writeFile(join(at.path, 'authorized_keys'), `${publicKeys.join('\n')}\n`, { mode: 0o600 }),
    async changeHostKeys(...types: SshKeyType[]) {
      keys = await writeHostKeys(at.path, types);
      await configure();
      await server.restart();
    },
    createRepository: (name: string, contents: RepositoryContents) =>
      createRepository({ name, url: `${url}/${name}.git`, directory: join(root, `${name}.git`) }, contents),
  });
}

/** A new key pair, made by ssh-keygen. */
export async function createSshKey(type: SshKeyType, passphrase = '', format?: 'PEM' | 'PKCS8'): Promise<SshKey> {
  const at = await temporaryDirectory('ssh-key');
  try {
    const path = join(at.path, 'key');
    const as = format ? ['-m', format] : [];
    // Two rounds of the key derivation and not 16: the key names them, and each costs its reader about 20 ms in JavaScript.
    const rounds = ['-a', '2'];
    await run('ssh-keygen', ['-q', '-t', type, '-N', passphrase, ...rounds, '-C', 'sandbox', ...as, '-f', path]);
    const [privateKey, publicKey] = await Promise.all([readFile(path, 'utf8'), readFile(`${path}.pub`, 'utf8')]);
    return { privateKey, publicKey: publicKey.trim() };
  } finally {
    await at.remove();
  }
}

const install = new Error(
  'sshd is missing: install openssh-server (Debian: apt-get install openssh-server; https://www.openssh.com)',
);

/** By its absolute path, because sshd starts itself again for each connection. */
async function findSshd(): Promise<string> {
  const directories = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  for (const directory of directories.filter((each) => each.startsWith('/'))) {
    const path = join(directory, 'sshd');
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (!isThere) continue;
    // As root, sshd wants an empty directory to lock its unprivileged part into; Debian's service would create it.
    if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
    return path;
  }
  throw install;
}

async function writeHostKeys(directory: string, types: readonly SshKeyType[]): Promise<string[]> {
  return Promise.all(
    types.map(async (type) => {
      const path = join(directory, `host_${type}`);
      await Promise.all([rm(path, { force: true }), rm(`${path}.pub`, { force: true })]);
      await run('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', 'sandbox', '-f', path]);
      return path;
    }),
  );
}

function configuration(directory: string, keys: readonly string[]): string {
  return [
    ...keys.map((path) => `HostKey ${path}`),
    `AuthorizedKeysFile ${directory}/authorized_keys`,
    `ForceCommand ${directory}/serve`,
    // The temporary directory belongs to everybody, which is what StrictModes refuses.
    ...['StrictModes no', 'PidFile none', 'UsePAM no', 'PasswordAuthentication no', 'KbdInteractiveAuthentication no'],
    ...['AllowTcpForwarding no', 'AllowAgentForwarding no', 'PermitTTY no', 'PrintMotd no', 'PermitRootLogin yes'],
    '',
  ].join('\n');
}

/** What a login runs: Git's two services, on our repositories only. */
async function writeServe(directory: string, root: string): Promise<void> {
  const environment = Object.entries(hermeticEnvironment).map(([name, value]) => `${name}='${value}'`);
  const path = join(directory, 'serve');
  const script = [
    '#!/bin/sh',
    `export ${environment.join(' ')}`,
    `name=$(printf '%s' "$SSH_ORIGINAL_COMMAND" | sed -n "s/^git-[a-z]*-pack '\\/*\\([A-Za-z0-9._\\/-]*\\)'\\$/\\1/p")`,
    'case "$SSH_ORIGINAL_COMMAND" in',
    `"git-upload-pack "*) exec git upload-pack "${root}/$name" ;;`,
    `"git-receive-pack "*) exec git receive-pack "${root}/$name" ;;`,
    'esac',
    'echo "this server serves only Git" >&2',
    'exit 128',
    '',
  ];
  await writeFile(path, script.join('\n'));
  await chmod(path, 0o755);
}
