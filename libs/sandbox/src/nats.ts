import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from './directory.js';
import { type Server, startServer } from './server.js';

export interface NatsOptions {
  /** Where JetStream stores; kept by `stop()`. Default: a temporary folder, which `stop()` removes. */
  directory?: string;
  /** Text for the server's configuration file: users and their permissions, limits. */
  config?: string;
  /** A configuration file that is there already, with what it includes beside it. */
  configFile?: string;
  port?: number;
}

export type NatsServer = Server;

/** A real nats-server with JetStream on 127.0.0.1. */
export async function startNats(options: NatsOptions = {}): Promise<NatsServer> {
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
      // By flag, not in the file: a `jetstream {}` block with limits in the file would replace one of ours.
      args: [
        ...['--config', configuration, '--addr', '127.0.0.1', '--port', String(port)],
        ...['--jetstream', '--store_dir', store],
      ],
      install: 'install nats-server (Debian: apt-get install nats-server; https://docs.nats.io/running-a-nats-service)',
      ready: { output: (text) => text.includes('Server is ready') },
    }),
    removeData: () => temporary.remove(),
  });
}
