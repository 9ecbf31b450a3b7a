import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { Redis } from 'ioredis';
import { isListening } from './port.js';
import { isAlive } from './process.fixture.js';
import { type RedisOptions, type RedisServer, startDeployedRedis, startRedis } from './redis.js';

function client(url: string): Redis {
  return new Redis(url, { retryStrategy: () => null }).on('error', () => {});
}

async function setting(redis: Redis, name: string): Promise<string | undefined> {
  return ((await redis.config('GET', name)) as string[])[1];
}

describe('startRedis', () => {
  const started: RedisServer[] = [];
  // Also after a failure: a server that is left keeps the test run from ending.
  afterEach(() => Promise.all(started.splice(0).map((server) => server.stop())));

  async function start(options?: RedisOptions): Promise<RedisServer> {
    const server = await startRedis(options);
    started.push(server);
    return server;
  }

  it('starts a server whose data survives kill -9', async () => {
    const server = await start();
    const before = client(server.url);
    await before.set('key', 'kept');
    const { pid } = server;
    await server.kill();
    assert.equal(isAlive(pid), false);
    before.disconnect();

    await server.restart();
    const after = client(server.url);
    assert.equal(await after.get('key'), 'kept');
    after.disconnect();
  });

  it('is durable and never evicts, unless a setting says otherwise', async () => {
    const server = await start({ settings: { appendfsync: 'everysec' } });
    const redis = client(server.url);
    assert.equal(await setting(redis, 'appendonly'), 'yes');
    assert.equal(await setting(redis, 'maxmemory-policy'), 'noeviction');
    assert.equal(await setting(redis, 'appendfsync'), 'everysec');
    redis.disconnect();
  });

  it('leaves no process, port or file when it stops', async () => {
    const server = await start();
    const redis = client(server.url);
    const directory = await setting(redis, 'dir');
    redis.disconnect();
    await server.stop();
    assert.equal(isAlive(server.pid), false);
    assert.equal(await isListening(server.port), false);
    assert.equal(existsSync(String(directory)), false);
  });

  it('reports a port that is in use', async () => {
    const server = await start();
    await assert.rejects(start({ port: server.port }), /address already in use/i);
  });
});

describe('startDeployedRedis', () => {
  it('starts a server with the settings and users of deploy/, and lists what it refused them', async () => {
    const server = await startDeployedRedis();
    const admin = server.client();
    const { user: username, pass: password } = server.as('tracker');
    const tracker = new Redis(server.url, { username, password });
    try {
      assert.equal(await setting(admin, 'appendfsync'), 'always');
      assert.equal(await tracker.set('k8sta:key', 'kept'), 'OK');
      assert.deepEqual(await server.refusals(), []);
      await assert.rejects(tracker.set('other', 'value'), /NOPERM/);
      assert.deepEqual(await server.refusals(), ['redis-server: tracker may not use the key other']);
    } finally {
      tracker.disconnect();
      admin.disconnect();
      await server.stop();
    }
  });
});
