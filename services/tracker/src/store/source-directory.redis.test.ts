import assert from 'node:assert/strict';
import { type RedisServer, startRedis } from '@k8sta/sandbox';
import { Redis } from 'ioredis';
import { anApplication, sha } from '../ride/ride.fixture.js';
import { sourceDirectory } from './source-directory.js';

const repository = 'git.test/acme/deploy';

function at(path: string, resourceVersion: string, targetRevision = 'main') {
  const sources = [{ repository: 'https://git.test/acme/deploy.git', targetRevision, path }];
  return anApplication('dev', sha('0'), { resourceVersion, sources });
}

describe('the directory of sources', () => {
  let server: RedisServer;
  let redis: Redis;

  before(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
  });
  beforeEach(() => redis.flushall());
  after(async () => {
    redis.disconnect();
    await server.stop();
  });

  const pathsIn = async (directory: ReturnType<typeof sourceDirectory>) =>
    (await directory.sources())(repository).map(({ path, branch }) => `${branch ?? 'HEAD'}:${path}`);

  it('shares the sources with every replica, until the Application is gone', async () => {
    const [one, two] = [sourceDirectory(redis), sourceDirectory(redis)];
    assert.deepEqual(await pathsIn(two), []);
    await one.note(at('apps/dev', '1'));
    assert.deepEqual(await pathsIn(two), ['refs/heads/main:apps/dev']);
    await two.note(at('apps/other', '2', 'HEAD'));
    assert.deepEqual(await pathsIn(one), ['HEAD:apps/other']);
    await one.forget({ ...at('', '3'), uid: 'of an earlier object' });
    assert.deepEqual(await pathsIn(two), ['HEAD:apps/other']);
    await one.forget(at('', '3'));
    assert.deepEqual(await pathsIn(two), []);
  });

  it('ignores an older observation, compared as integers', async () => {
    const directory = sourceDirectory(redis);
    await directory.note(at('new', '1000'));
    await directory.note(at('old', '999'));
    assert.deepEqual(await pathsIn(directory), ['refs/heads/main:new']);
  });

  it('writes nothing while the sources stay the same', async () => {
    const directory = sourceDirectory(redis);
    await directory.note(at('apps/dev', '1'));
    const version = await redis.get('k8sta:sources:version');
    await directory.note(at('apps/dev', '2'));
    assert.equal(await redis.get('k8sta:sources:version'), version);
  });

  it('knows whether it was filled and not lost since', async () => {
    const directory = sourceDirectory(redis);
    assert.equal(await directory.isFilled(), false);
    await directory.filled();
    assert.equal(await directory.isFilled(), true);
    await redis.flushall();
    assert.equal(await directory.isFilled(), false);
  });
});
