import assert from 'node:assert/strict';
import { type Repository, until } from '@k8sta/sandbox';
import { author, image, PoolStage, part } from './pool.fixture.js';

describe('a worker pool', () => {
  let stage: PoolStage;

  before(async () => {
    stage = await PoolStage.start();
  });
  beforeEach(() => stage.reset());
  afterEach(() => stage.close());
  after(() => stage.stop());

  const plan = (at: Repository) => stage.plan(at);

  it('does not blame a remote while a job waits for other jobs of the same repository', async () => {
    stage.open({ firstByteMs: 5_000, stallMs: 3_000 });
    const at = await stage.repository();
    // A slow server: two requests for each fetch, one fetch after the other.
    stage.server.intercept(() => new Promise((resolve) => setTimeout(() => resolve(undefined), 750)));
    const plans = await Promise.all([1, 2, 3, 4, 5, 6].map(() => plan(at)));
    assert.deepEqual(new Set(plans.map(({ is }) => is)), new Set(['ready']));
  });

  it('serves a healthy remote while eleven others hang', async () => {
    stage.open();
    const healthy = await stage.repository();
    const ill = await Promise.all(Array.from({ length: 11 }, () => stage.repository()));
    const names = new Set(ill.map(({ name }) => name));
    let hanging = 0;
    stage.server.intercept((seen) => {
      if (!names.has(seen.repository)) return undefined;
      hanging++;
      return 'hang';
    });
    const stuck = ill.map((each) => plan(each).then(() => assert.fail(), String));
    await until(() => hanging === ill.length, { deadlineMs: 30_000 });
    assert.equal((await plan(healthy)).is, 'ready');
    assert.ok(stage.pool.count < ill.length, `${stage.pool.count} processes`);
    await stage.pool.close();
    await assert.rejects(plan(healthy), /the service shuts down/);
    for (const why of await Promise.all(stuck)) assert.match(why, /RemoteFault: the service shuts down/);
  });

  it('answers a question while a push of the same repository hangs', async () => {
    stage.open();
    const at = await stage.repository();
    const ready = await plan(at);
    assert.ok(ready.is === 'ready');
    let pushing = false;
    stage.server.intercept(({ service, step }) => {
      if (service !== 'git-receive-pack' || step !== 'exchange') return undefined;
      pushing = true;
      return 'hang';
    });
    const job = { op: 'push' as const, remote: stage.remoteOf(at), parts: [part], branch: ready.branch, author };
    const stuck = stage.pool.run(at.name, job).catch(String);
    await until(() => pushing);
    const question = { repository: at.url, commit: ready.tip, revision: ready.tip, image };
    const reply = await stage.pool.run(at.name, { op: 'relation', remote: stage.remoteOf(at), question });
    assert.deepEqual(reply, { relation: 'same' });
    await stage.pool.close();
    await stuck;
  });

  it('looks up an answer while as many remotes hang as its only process has room for', async () => {
    stage.open({ limit: 1 });
    const at = await stage.repository();
    const ready = await plan(at);
    assert.ok(ready.is === 'ready');
    let hanging = 0;
    stage.server.intercept(() => {
      hanging++;
      return 'hang';
    });
    const others = await Promise.all(Array.from({ length: 2 }, () => stage.repository()));
    // Six of the same repository and two of others are all that a process takes.
    const stuck = [...Array.from({ length: 7 }, () => at), ...others, ...others].map((each) =>
      plan(each).catch(String),
    );
    await until(() => hanging === 8, { deadlineMs: 30_000 });
    const question = { repository: at.url, commit: ready.tip, revision: ready.tip, image };
    assert.deepEqual(await stage.pool.run(at.name, { op: 'lookUp', question }), { relation: 'same' });
    const missing = { ...question, revision: 'f'.repeat(40) };
    assert.equal(await stage.pool.run(at.name, { op: 'lookUp', question: missing }), null);
    assert.equal(hanging, 8);
    await stage.pool.close();
    await Promise.all(stuck);
  });

  it('serves the commits and inspections of twelve repositories with three processes, and ends none of them', async () => {
    stage.open({ limit: 3 });
    const all = await Promise.all(Array.from({ length: 12 }, () => stage.repository()));
    const inspect = (at: Repository) => stage.pool.run(at.name, { op: 'inspect', remote: stage.remoteOf(at), part });
    const inspections = all.flatMap((at) => Array.from({ length: 5 }, () => inspect(at)));
    const commits = all.map(async (at) => {
      assert.equal((await plan(at)).is, 'ready');
      const job = { op: 'push' as const, remote: stage.remoteOf(at), parts: [part], branch: part.branch, author };
      return (await stage.pool.run(at.name, job))[0]?.is;
    });
    await Promise.race([commits[0], inspections[0]]);
    const early = await stage.processes();
    assert.deepEqual(new Set(await Promise.all(commits)), new Set(['pushed']));
    const looked = new Set((await Promise.all(inspections)).map(({ is }) => is));
    assert.ok(
      [...looked].every((is) => ['ready', 'landed'].includes(is)),
      [...looked].join(),
    );
    assert.equal(stage.pool.count, 3);
    const late = await stage.processes();
    assert.ok(early.length > 0 && early.every((pid) => late.includes(pid)), `${early} were running, and then ${late}`);
  });

  it('fetches once for many inspections of a branch', async () => {
    stage.open({ limit: 1 });
    const at = await stage.repository();
    let looks = 0;
    stage.server.intercept(({ step, headers }) => {
      if (step === 'advertise' && headers.authorization) looks++;
      return undefined;
    });
    const job = { op: 'inspect' as const, remote: stage.remoteOf(at), part };
    const began = performance.now();
    const plans = await Promise.all(Array.from({ length: 50 }, () => stage.pool.run(at.name, job)));
    assert.deepEqual(new Set(plans.map(({ is }) => is)), new Set(['ready']));
    // A branch is fresh for three seconds, and a loaded machine may need longer than that for fifty plans.
    const most = 2 + Math.floor((performance.now() - began) / 3_000);
    assert.ok(looks <= most, `${looks} fetches, of ${most}`);
  });

  it('runs a commit before inspections that wait, and next to those that run', async () => {
    stage.open({ limit: 1 });
    const [at, ...others] = await Promise.all(Array.from({ length: 6 }, () => stage.repository()));
    assert.ok(at);
    let release = () => {};
    const held = new Promise<undefined>((resolve) => {
      release = () => resolve(undefined);
    });
    stage.server.intercept(({ repository: name }) => (name === at.name ? undefined : held));
    let answered = 0;
    const inspections = [...others, ...others, ...others].map(async (each) => {
      await stage.pool.run(each.name, { op: 'inspect', remote: stage.remoteOf(each), part });
      answered++;
    });
    assert.equal((await plan(at)).is, 'ready');
    assert.equal(answered, 0);
    release();
    await Promise.all(inspections);
  });

  it('moves the other jobs of a process to another one when a remote hangs', async () => {
    stage.open({ limit: 1, firstByteMs: 1_000 });
    const [ill, beside] = [await stage.repository(), await stage.repository()];
    await plan(beside);
    let sayKilled = () => {};
    const killed = new Promise<undefined>((resolve) => {
      sayKilled = () => resolve(undefined);
    });
    // The other remote answers, but is in the middle of its answer when the process is killed.
    let looks = 0;
    stage.server.intercept(({ repository: name, step }) => {
      if (name === ill.name) return 'hang';
      if (name === beside.name && step === 'advertise' && looks++ < 2) return killed;
      return undefined;
    });
    const stuck = plan(ill).catch((error: Error) => error);
    const before = await stage.processes();
    await until(() => looks > 0 || stage.pool.count === 0);
    const waiting = plan(beside);
    assert.match(String(await stuck), /RemoteFault: the remote did not answer for 1000 ms/);
    sayKilled();
    assert.equal((await waiting).is, 'ready');
    assert.notDeepEqual(await stage.processes(), before);
  });

  it('moves a repository away from a process whose other remote is silent', async () => {
    stage.open({ limit: 2 });
    const [ill, healthy] = [await stage.repository(), await stage.repository()];
    await plan(healthy);
    await plan(ill);
    const [only, ...more] = await stage.processes();
    assert.deepEqual([stage.pool.count, more], [1, []]);
    stage.server.intercept(({ repository: name }) => (name === ill.name ? 'hang' : undefined));
    const stuck = plan(ill).catch(String);
    await until(async () => {
      assert.equal((await plan(healthy)).is, 'ready');
      return stage.pool.count === 2;
    });
    assert.ok((await stage.processes()).includes(only ?? 0));
    await stage.pool.close();
    await stuck;
  });
});
