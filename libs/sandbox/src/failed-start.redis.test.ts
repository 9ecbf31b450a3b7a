import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { type TemporaryDirectory, temporaryDirectory } from './directory.js';
import { type DeployedNats, startDeployedNats } from './nats.js';
import { startNatsCluster } from './nats-cluster.js';
import { isListening } from './port.js';
import { startDeployedRedis } from './redis.js';
import { startRedisCluster } from './redis-cluster.js';
import { startRedisSentinel } from './redis-sentinel.js';
import { startSystem } from './system.js';

/** Everything is under a temporary folder of its own, so that the test sees what is left there. */
describe('a start that fails', () => {
  const { PATH, TMPDIR } = process.env;
  let temporary: TemporaryDirectory;
  let commands: TemporaryDirectory;
  beforeEach(async () => {
    [temporary, commands] = await Promise.all([temporaryDirectory('failed-start'), temporaryDirectory('commands')]);
    process.env['TMPDIR'] = temporary.path;
  });
  afterEach(async () => {
    process.env['PATH'] = PATH;
    if (TMPDIR === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = TMPDIR;
    await Promise.all([temporary.remove(), commands.remove()]);
  });

  const leavesNothing = async (starting: Promise<unknown>, why: RegExp) => {
    await assert.rejects(starting, why);
    assert.deepEqual(await readdir(temporary.path), []);
  };
  const breakRedis = async () => {
    const script = '#!/bin/sh\necho "no memory" >&2\nexit 3\n';
    await writeFile(join(commands.path, 'redis-server'), script, { mode: 0o755 });
    process.env['PATH'] = `${commands.path}${delimiter}${PATH}`;
  };

  it('leaves no folder of NATS, alone or as a cluster', async () => {
    const people = { eve: '{user: "eve", permissions: [}\n' };
    await leavesNothing(startDeployedNats(people), /nats-server ended with exit code 1/);
    await leavesNothing(startNatsCluster(people), /nats-server ended with exit code 1/);
  });

  it('leaves no folder of Redis, alone, as a cluster or with Sentinels', async () => {
    await breakRedis();
    for (const start of [startDeployedRedis, startRedisCluster, startRedisSentinel])
      await leavesNothing(start(), /exit code 3.*\n.*no memory/);
  });

  it('leaves no folder of Redis or NATS if the users cannot be written', async () => {
    await writeFile(join(commands.path, 'sh'), '#!/bin/false\n', { mode: 0o755 });
    process.env['PATH'] = `${commands.path}${delimiter}${PATH}`;
    for (const start of [
      startDeployedNats,
      startNatsCluster,
      startDeployedRedis,
      startRedisCluster,
      startRedisSentinel,
    ])
      await leavesNothing(start(), /secrets\.sh/);
  });

  it('of a system leaves no server and no folder', async () => {
    const nats: DeployedNats[] = [];
    const startNats = async () => {
      nats.push(await startDeployedNats());
      return nats[0] as DeployedNats;
    };
    await breakRedis();
    await leavesNothing(startSystem({ startNats }), /no memory/);
    assert.equal(await isListening(nats[0]?.port ?? 0), false);
  });
});

describe('the stop of a system', () => {
  it('stops everything also if Redis does not say what it has refused', async () => {
    const startRedis = async () =>
      Object.assign(await startDeployedRedis(), { refusals: () => Promise.reject(new Error('Redis does not answer')) });
    const system = await startSystem({ startRedis });
    await assert.rejects(system.stop(), /Redis does not answer/);
    const { nats, redis, services } = system;
    const running = [nats, redis, ...Object.values(services)].filter(({ isRunning }) => isRunning);
    assert.deepEqual(running, []);
  });
});
