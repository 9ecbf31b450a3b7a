import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { type Repository, until } from '@k8sta/sandbox';
import { RemoteFault } from './git.js';
import { directoryOf } from './mirror-directory.js';
import { PoolStage } from './pool.fixture.js';

describe('the processes of a worker pool', () => {
  let stage: PoolStage;

  before(async () => {
    stage = await PoolStage.start();
  });
  beforeEach(() => stage.reset());
  afterEach(() => stage.close());
  after(() => stage.stop());

  const plan = (at: Repository) => stage.plan(at);

  it('kills the process of a remote that does not answer, and starts another one', async () => {
    stage.open({ firstByteMs: 500 });
    const at = await stage.repository();
    stage.server.intercept(() => 'hang');
    await assert.rejects(plan(at), (error: Error) => {
      assert.ok(error instanceof RemoteFault);
      assert.match(error.message, /did not answer for 500 ms/);
      return true;
    });
    stage.server.intercept(undefined);
    assert.equal((await plan(at)).is, 'ready');
  });

  it('kills the process of a remote that is silent in the middle of a transfer', async () => {
    stage.open({ stallMs: 500 });
    const at = await stage.repository({ big: 'x'.repeat(100_000) });
    stage.server.intercept(({ step }) => (step === 'exchange' ? { stallAfterBytes: 60 } : undefined));
    await assert.rejects(plan(at), /sent nothing more for 500 ms/);
  });

  it('rejects a job that makes two processes crash', async () => {
    stage.open({ limit: 1 });
    const at = await stage.repository();
    let shots = 0;
    stage.server.intercept(async () => {
      shots++;
      for (const pid of await stage.processes()) process.kill(pid, 'SIGSEGV');
      return 'drop' as const;
    });
    await assert.rejects(plan(at), /RemoteFault: the Git worker ended by SIGSEGV/);
    assert.equal(shots, 2);
  });

  it('ends an idle process', async () => {
    stage.open({ idleMs: 0 });
    await plan(await stage.repository());
    await until(() => stage.pool.count === 0);
  });

  it('replaces a process that uses too much memory, after the jobs that it runs', async () => {
    stage.open({ limit: 1, maxBytes: 1 });
    const at = await stage.repository();
    const plans: string[] = [];
    for (let round = 0; round < 2; round++) {
      plans.push((await plan(at)).is);
      await until(() => stage.pool.count === 0);
    }
    assert.deepEqual(plans, ['ready', 'ready']);
  });

  it('keeps a process that uses little memory', async () => {
    stage.open({ limit: 1 });
    const at = await stage.repository();
    await plan(at);
    const before = await stage.processes();
    for (let round = 0; round < 5; round++) await plan(at);
    assert.deepEqual(await stage.processes(), before);
  });

  it('deletes the mirror that was in use when a process crashed', async () => {
    stage.open();
    const at = await stage.repository();
    await plan(at);
    const mirror = `${stage.directory.path}/${directoryOf(at.name)}`;
    assert.ok(existsSync(mirror));
    for (const pid of await stage.processes()) process.kill(pid, 'SIGSEGV');
    await until(() => stage.pool.count === 0);
    assert.equal(existsSync(mirror), false);
    assert.equal((await plan(at)).is, 'ready');
  });
});
