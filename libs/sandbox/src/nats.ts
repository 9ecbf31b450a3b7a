import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Login, loginIn, natsUsers } from './deployed.js';
import { temporaryDirectory } from './directory.js';
import { startInSteps } from './ends.js';
import { Refusals } from './refusals.js';
import { type Server, startServer } from './server.js';

export interface NatsOptions {
  /** The folder for JetStream; `stop()` keeps it. Default: a temporary folder, which `stop()` removes. */
  directory?: string;
  /** Text for the server's configuration file: users and their permissions, limits. */
  config?: string;
  /** An existing configuration file, with the files that it includes next to it. */
  configFile?: string;
  port?: number;
  /** Further arguments of the command. */
  args?: readonly string[];
}

export type NatsServer = Server;

/** How to connect as one user, for the bus of our services and for the NATS client. */
export interface NatsLogin extends Login {
  readonly servers: string | string[];
  readonly inboxPrefix: string;
}

/** A nats-server with the users of deploy/ and their permissions. */
export interface DeployedNats extends NatsServer {
  /** Throws if the user does not exist. */
  as(user: string): NatsLogin;
  /** What it has refused to which user so far, also before a restart. */
  readonly refusals: Refusals;
}

/** A real nats-server with JetStream on 127.0.0.1. */
export async function startNats(options: NatsOptions = {}): Promise<NatsServer> {
  return startNatsServer(options, undefined, () => {});
}

/** A real nats-server with the users of deploy/ and new passwords, and with these people (see {@link natsUsers}). */
export async function startDeployedNats(people: Readonly<Record<string, string>> = {}): Promise<DeployedNats> {
  return startInSteps(async (ends) => {
    const users = await temporaryDirectory('nats-users');
    ends.add(() => users.remove());
    const { configFile, logins } = await natsUsers(users.path, people);
    const refusals = natsRefusals();
    const server = await startNatsServer(
      { configFile },
      () => users.remove(),
      (line) => refusals.read(line),
    );
    return Object.assign(server, { as: (user: string) => loginOf(logins, user, server.url), refusals });
  });
}

/** What nats-server logs when it refuses something to a user. */
export function natsRefusals(): Refusals {
  return new Refusals('nats-server', /((?:Publish|Subscription) Violation - .*|authentication error - .*)/);
}

export function loginOf(logins: Readonly<Record<string, Login>>, user: string, servers: string | string[]): NatsLogin {
  return { servers, inboxPrefix: `_INBOX_${user}`, ...loginIn('nats-server', logins, user) };
}

/** Starts a nats-server; `remove` removes further files when it stops, and `onLine` gets each line of its log. */
export async function startNatsServer(
  options: NatsOptions,
  remove: (() => Promise<void>) | undefined,
  onLine: (line: string) => void,
): Promise<NatsServer> {
  const temporary = await temporaryDirectory('nats');
  const store = options.directory ?? temporary.path;
  await mkdir(store, { recursive: true });
  const configuration = options.configFile ?? join(temporary.path, 'nats.conf');
  if (options.configFile === undefined) await writeFile(configuration, options.config ?? '');
  return startServer({
    scheme: 'nats',
    port: options.port,
    launch: (port) => ({
      command: 'nats-server',
      // By flag, not in the file: a test's `jetstream {}` block with limits would replace ours.
      args: [
        ...['--config', configuration, '--addr', '127.0.0.1', '--port', String(port)],
        ...['--jetstream', '--store_dir', store, ...(options.args ?? [])],
      ],
      install: 'install nats-server (Debian: apt-get install nats-server; https://docs.nats.io/running-a-nats-service)',
      ready: { output: (text) => text.includes('Server is ready') },
      onLine,
    }),
    async removeData() {
      await temporary.remove();
      await remove?.();
    },
  });
}
