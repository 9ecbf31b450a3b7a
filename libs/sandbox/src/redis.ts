import { mkdir } from 'node:fs/promises';
import { temporaryDirectory } from './directory.js';
import { type Server, startServer } from './server.js';

export interface RedisOptions {
  /** Where the append-only file lives; kept by `stop()`. Default: a temporary folder, which `stop()` removes. */
  directory?: string;
  port?: number;
  /** Settings of redis.conf that replace or join ours, such as `{appendfsync: 'everysec'}`. */
  settings?: Record<string, string>;
}

export type RedisServer = Server;

/** What K8sTA demands of its Redis; see docs/reliability.md. */
const durable = { appendonly: 'yes', appendfsync: 'always', 'maxmemory-policy': 'noeviction', save: '' };

/** A real redis-server on 127.0.0.1, as durable as K8sTA wants it unless `settings` says otherwise. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const temporary = await temporaryDirectory('redis');
  const directory = options.directory ?? temporary.path;
  await mkdir(directory, { recursive: true });
  const settings = Object.entries({ ...durable, ...options.settings, dir: directory, bind: '127.0.0.1' });
  return startServer({
    scheme: 'redis',
    port: options.port,
    launch: (port) => ({
      command: 'redis-server',
      args: ['--port', String(port), ...settings.flatMap(([name, value]) => [`--${name}`, value])],
      install:
        'install redis-server (Debian: apt-get install redis-server; https://redis.io/docs/latest/operate/oss_and_stack/install)',
      ready: { output: (text) => text.includes('Ready to accept connections') },
    }),
    removeData: () => temporary.remove(),
  });
}
