import assert from 'node:assert/strict';
import { Redis } from 'ioredis';
import { sharedSystem } from './shared-system.js';
import type { TestSystem } from './test-system.js';

/** The Redis of deploy/, with its settings and users: it reads its append-only file as the user `default` (redis#14541). */
describe('a Redis that is started again', () => {
  let railway: TestSystem;
  let redis: Redis;

  before(async () => {
    railway = await sharedSystem('proxied');
    redis = railway.redis.client();
    await railway.tap.completed((await railway.push('1.4.2')).tickets[0]);
    // From here on the tracker cannot mend what Redis has lost.
    railway.proxies?.redis.cut();
  });
  after(() => redis?.disconnect());

  const contentOf = async (key: string): Promise<unknown> => {
    const type = await redis.type(key);
    // Not DUMP: the order in which it lists the fields of a hash changes with each start.
    if (type === 'hash') return redis.hgetall(key);
    return type === 'zset' ? redis.zrange(key, '0', '-1', 'WITHSCORES') : redis.get(key);
  };
  const everything = async (): Promise<Record<string, unknown>> => {
    const keys = (await redis.keys('*')).sort();
    return Object.fromEntries(await Promise.all(keys.map(async (key) => [key, await contentOf(key)] as const)));
  };

  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    it(`after ${signal} holds every key as it was, and has nothing to complain of`, async () => {
      const before = await everything();
      assert.ok('k8sta:track:storefront' in before);
      await railway.redis.kill(signal);
      await railway.redis.restart();
      assert.deepEqual(await everything(), before);
      const output = railway.redis.lastOutput();
      assert.match(output, /DB loaded from append only file/);
      assert.doesNotMatch(output, /CRITICAL|NOPERM|error/i);
    });
  }

  it('lets nobody in as the user default, who may do in the file what the tracker does', async () => {
    for (const password of ['', 'default']) await assert.rejects(redis.call('AUTH', 'default', password), /WRONGPASS/);
    const stranger = new Redis(railway.redis.url, { retryStrategy: () => null }).on('error', () => {});
    await assert.rejects(stranger.get('k8sta:track:storefront'), /NOAUTH/);
    stranger.disconnect();
    await redis.call('ACL', 'LOG', 'RESET');
  });

  it('serves the next train', async () => {
    railway.proxies?.redis.mend();
    await railway.tap.completed(await railway.pushUntilAccepted('1.4.3'));
  });
});
