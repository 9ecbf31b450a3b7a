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
    (await directory.sources())(repository)
      .map(({ source, branch }) => `${branch ?? 'HEAD'}:${source.path}`)
      .sort();

  /** How often Redis was asked for each of these. */
  const callsOf = async (...commands: string[]) => {
    const stats = await redis.info('commandstats');
    return commands.map((name) => Number(new RegExp(`^cmdstat_${name}:calls=(\\d+)`, 'm').exec(stats)?.[1] ?? 0));
  };

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

  it('writes nothing while the sources stay the same, and asks Redis only once for several observations', async () => {
    const directory = sourceDirectory(redis);
    await directory.note(at('apps/dev', '1'));
    await redis.config('RESETSTAT');
    await Promise.all(['2', '3', '4'].map((resourceVersion) => directory.note(at('apps/dev', resourceVersion))));
    assert.deepEqual(await callsOf('evalsha', 'eval', 'set', 'get'), [0, 0, 0, 1]);
  });

  it('notes what it noted before, where another replica has noted something else since', async () => {
    const [one, two] = [sourceDirectory(redis), sourceDirectory(redis)];
    await one.note(at('apps/dev', '1'));
    await two.note(at('apps/other', '2'));
    await one.note(at('apps/dev', '3'));
    assert.deepEqual(await pathsIn(two), ['refs/heads/main:apps/dev']);
  });

  it('notes what it noted before, where Redis has lost it since', async () => {
    const directory = sourceDirectory(redis);
    await directory.note(at('apps/dev', '1'));
    await redis.flushall();
    await directory.note(at('apps/dev', '2'));
    assert.deepEqual(await pathsIn(directory), ['refs/heads/main:apps/dev']);
  });

  it('notes what a failover of Redis has undone, although another replica has noted something on top', async () => {
    const [one, two] = [sourceDirectory(redis), sourceDirectory(redis)];
    await one.note(at('apps/dev', '1'));
    const [version, stored] = [await redis.get('k8sta:sources:version'), await redis.hgetall('k8sta:sources')];
    await one.note(at('apps/new', '2'));
    assert.deepEqual(await pathsIn(one), ['refs/heads/main:apps/new']);
    await redis
      .multi()
      .set('k8sta:sources:version', version ?? '')
      .hset('k8sta:sources', stored)
      .exec();
    await two.note({ ...at('apps/prod', '3'), name: 'prod' });
    assert.deepEqual(await pathsIn(one), ['refs/heads/main:apps/dev', 'refs/heads/main:apps/prod']);
    await one.note(at('apps/new', '4'));
    assert.deepEqual(await pathsIn(two), ['refs/heads/main:apps/new', 'refs/heads/main:apps/prod']);
  });

  it('gives the same sources until they change', async () => {
    const directory = sourceDirectory(redis);
    await directory.note(at('apps/dev', '1'));
    const read = await directory.sources();
    assert.equal(directory.lastRead(), read);
    assert.equal(await directory.sources(), read);
    await directory.note(at('apps/other', '2'));
    assert.equal(directory.lastRead(), read);
    assert.notEqual(await directory.sources(), read);
  });

  it('knows whether it was filled and not lost since', async () => {
    const directory = sourceDirectory(redis);
    await directory.note(at('apps/dev', '1'));
    assert.equal(await directory.isFilled(), false);
    await directory.filled();
    assert.equal(await directory.isFilled(), true);
    await redis.flushall();
    assert.equal(await directory.isFilled(), false);
  });
});
