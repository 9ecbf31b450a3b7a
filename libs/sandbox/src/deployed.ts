import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

const deploy = fileURLToPath(new URL('../../../deploy', import.meta.url));

const dockerfile = fileURLToPath(new URL('../../../Dockerfile', import.meta.url));

/** The arguments with which the image starts Node.js: those between `node` and `main.js`. */
export async function deployedNodeArguments(): Promise<string[]> {
  const [, command = '[]'] = /^CMD (\[.*\])$/m.exec(await readFile(dockerfile, 'utf8')) ?? [];
  const [node, ...args] = z.array(z.string()).parse(JSON.parse(command));
  if (node !== 'node' || !args.at(-1)?.endsWith('main.js')) throw new Error('the Dockerfile starts no main.js by node');
  return args.slice(0, -1);
}

/** A user that may do everything, which deploy/ does not have: for a test that wipes a stream or deceives a service. */
export const admin = 'sandbox';

/** A user of a server, in the terms of our configuration and of the clients. */
export interface Login {
  readonly user: string;
  readonly pass: string;
  readonly passwordFile: string;
}

/** Throws if the server has no such user. */
export function loginIn(server: string, logins: Readonly<Record<string, Login>>, user: string): Login {
  const login = logins[user];
  if (!login) throw new Error(`${server} has no user "${user}"; it has ${Object.keys(logins).join(', ')}`);
  return login;
}

const secret = z.object({ metadata: z.object({ name: z.string() }), stringData: z.record(z.string(), z.string()) });

/** The Secrets that `deploy/secrets.sh` prints, new ones for each call: their contents by name and key. */
async function printSecrets(): Promise<(name: string, key: string) => string> {
  const { stdout } = await promisify(execFile)('sh', [join(deploy, 'secrets.sh')]);
  const secrets = parseAllDocuments(stdout).map((document) => secret.parse(document.toJS()));
  return (name, key) => {
    const text = secrets.find(({ metadata }) => metadata.name === name)?.stringData[key];
    if (text === undefined) throw new Error(`deploy/secrets.sh prints no ${key} of a Secret ${name}`);
    return text;
  };
}

/**
 * A configuration file for nats-server with the users of deploy/, {@link admin} and these people, written into this folder.
 * A person is a block of nats-server's configuration, by name; the password is the name.
 */
export async function natsUsers(
  directory: string,
  people: Readonly<Record<string, string>> = {},
): Promise<{ configFile: string; logins: Readonly<Record<string, Login>> }> {
  const secretOf = await printSecrets();
  await writeFile(join(directory, 'passwords.conf'), secretOf('k8sta-nats-server', 'passwords.conf'));
  const users = await readFile(join(deploy, 'components/nats/users.conf'), 'utf8');
  const names = [...users.matchAll(/^ *user: "(.*)"$/gm)].map(([, name = '']) => name);
  const logins = await Promise.all([
    ...names.map((name) => loginOf(directory, name, secretOf(`k8sta-nats-${name}`, 'password'))),
    ...[admin, ...Object.keys(people)].map((name) => loginOf(directory, name, name)),
  ]);
  const configFile = join(directory, 'users.conf');
  const first = /^ {2}users: \[$/m;
  if (!first.test(users)) throw new Error('deploy/components/nats/users.conf lists no users');
  const added = [
    `  users: [
    {user: "${admin}", password: "${admin}"}
`,
    ...Object.values(people),
  ].join('');
  await writeFile(
    configFile,
    users.replace(first, () => added),
  );
  return { configFile, logins: byName(logins) };
}

/** The settings of deploy/ for redis-server, with its users, {@link admin} and these further ones in a file in this folder. */
export async function redisUsers(
  directory: string,
  further: readonly string[] = [],
  /** What the tracker may do in addition. */
  granted = '',
): Promise<{ settings: Record<string, string>; logins: Readonly<Record<string, Login>> }> {
  const secretOf = await printSecrets();
  const aclfile = join(directory, 'users.acl');
  const acl = `${secretOf('k8sta-redis-server', 'users.acl').trim()} ${granted}`;
  await writeFile(
    aclfile,
    `${acl}\nuser ${admin} on >${admin} ~* &* +@all\n${further.map((line) => `${line}\n`).join('')}`,
  );
  const configuration = await readFile(join(deploy, 'components/redis/redis.conf'), 'utf8');
  const lines = configuration.trim().split('\n');
  const settings = lines.map((line): [string, string] => {
    const [name = '', ...value] = line.split(' ');
    return [name, value.join(' ').replaceAll('"', '')];
  });
  const logins = await Promise.all([
    loginOf(directory, 'tracker', secretOf('k8sta-redis-tracker', 'password')),
    loginOf(directory, admin, admin),
  ]);
  return { settings: { ...Object.fromEntries(settings), aclfile }, logins: byName(logins) };
}

async function loginOf(directory: string, user: string, password: string): Promise<Login> {
  const passwordFile = join(directory, `password-of-${user}`);
  await writeFile(passwordFile, password, { mode: 0o600 });
  return { user, pass: password.trim(), passwordFile };
}

function byName(logins: readonly Login[]): Record<string, Login> {
  return Object.fromEntries(logins.map((login) => [login.user, login]));
}
