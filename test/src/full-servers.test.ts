import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { appendFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { admin, type ServiceName, type TemporaryDirectory, temporaryDirectory, until } from '@k8sta/sandbox';
import type { Redis } from 'ioredis';
import { connect, type JetStreamManager, type NatsConnection } from 'nats';
import { quickToTakeOver, startTestSystem, type TestSystem } from './test-system.js';
import { assertAllRodeOn, threeLines, threeRiders } from './three-lines.js';

/** The streams that hold what no service may lose. A server whose disk is full refuses every stream. */
const histories = ['K8STA', 'KV_K8STA_STATE'];

/** While three Tickets ride, each beyond another Station, something is full until a person makes room. */
describe('while Tickets ride', () => {
  let railway: TestSystem;
  let connection: NatsConnection;
  let manager: JetStreamManager;
  let redis: Redis;
  let small: SmallDisk | undefined;
  let lines: string[] = [];

  before(async () => {
    small = await SmallDisk.mount();
    railway = await startTestSystem({
      railway: threeLines,
      environment: {
        ...quickToTakeOver,
        promoter: { ...quickToTakeOver.promoter, ...(small && { K8STA_MIRRORS: small.path }) },
      },
      onLine: (line) => lines.push(line),
    });
    connection = await connect(railway.nats.as(admin));
    manager = await connection.jetstreamManager();
    redis = railway.redis.client();
  });
  beforeEach(() => {
    lines = [];
  });
  // A test that fails must not fail the next ones.
  afterEach(async () => {
    await limitHistories(() => -1);
    await redis.config('SET', 'maxmemory', '0');
  });
  after(async () => {
    redis?.disconnect();
    await connection?.close();
    await railway?.stop().finally(() => small?.unmount());
  });

  const readiness = async (name: ServiceName) => {
    const answer = await fetch(`${railway.services[name].statusUrl}/readyz`);
    return { ok: answer.ok, why: await answer.text() };
  };
  const logged = (pattern: RegExp) =>
    until(() => lines.some((line) => pattern.test(line)), { what: `a log line ${pattern}`, deadlineMs: 20_000 });
  const limitHistories = async (bytesOf: (bytes: number) => number) => {
    for (const name of histories) await until(() => limit(name, bytesOf), { what: `a limit of ${name}` });
  };
  /** False if a message came in between: the server then deletes the oldest ones, and there is room again. */
  const limit = async (name: string, bytesOf: (bytes: number) => number): Promise<boolean> => {
    const { config, state } = await manager.streams.info(name);
    const bytes = bytesOf(state.bytes);
    const updated = await manager.streams.update(name, { ...config, max_bytes: bytes });
    return bytes === -1 || updated.state.bytes === bytes;
  };
  const allRun = () => {
    for (const service of Object.values(railway.services)) assert.ok(service.isRunning, service.name);
  };

  it('JetStream is full: ingest answers 503 and is not ready, and all go on when it has room', async () => {
    const riders = await threeRiders(railway, '2.1.0');
    await limitHistories((bytes) => bytes);
    assert.equal((await railway.push('2.1.1')).status, 503);
    const { ok, why } = await readiness('ingest');
    assert.equal(ok, false);
    assert.match(why, /JetStream does not store events: maximum bytes exceeded/);
    await logged(/"service":"(tracker|promoter)".*maximum bytes exceeded/);
    const refused = async (name: 'tracker' | 'promoter') =>
      (await readiness(name)).why.includes('JetStream does not store events: maximum bytes exceeded');
    await until(async () => (await refused('tracker')) || (await refused('promoter')));
    await limitHistories(() => -1);
    await until(async () => (await readiness('ingest')).ok, { what: 'ingest to be ready again' });
    await assertAllRodeOn(railway, riders);
    allRun();
  });

  it('Redis is out of memory: the tracker says so, ingest accepts webhooks, and all go on when it has room', async () => {
    const riders = await threeRiders(railway, '2.2.0');
    await redis.config('SET', 'maxmemory', '1');
    await logged(/"service":"tracker".*its memory is full: raise its maxmemory/);
    const { ok, why } = await readiness('tracker');
    assert.equal(ok, false);
    assert.match(why, /redis: Redis: its memory is full: raise its maxmemory/);
    assert.equal((await railway.push('2.2.1')).status, 202);
    await redis.config('SET', 'maxmemory', '0');
    await until(async () => (await readiness('tracker')).ok, { what: 'the tracker to be ready again' });
    await assertAllRodeOn(railway, riders);
    allRun();
  });

  it("the promoter's disk is full: each part says so, and all go on when it has room", async function () {
    // Only root may mount a disk.
    if (!small) this.skip();
    const disk = small;
    const riders = await threeRiders(railway, '2.3.0', () => disk.fill());
    // The promoter cannot commit, or it cannot tell whether somebody changed the image.
    const isDelayed = railway.tap.find('promotion.delayed', ({ data }) => diskIsFull.test(data.message));
    const waits = railway.tap.find('ticket.waiting', ({ data }) => diskIsFull.test(data.message));
    await Promise.race([isDelayed, waits]);
    await disk.makeRoom();
    await assertAllRodeOn(railway, riders);
    allRun();
  });
});

const diskIsFull = /no space left on the promoter's disk of mirrors: make room/;

const tooMuch = Buffer.alloc(8 * 1024 * 1024);

/** A file system in memory, so small that a test can fill it. */
class SmallDisk {
  readonly path: string;
  readonly #directory: TemporaryDirectory;
  readonly #ballast: string;
  #isFull = false;
  #filling: Promise<void> | undefined;

  private constructor(directory: TemporaryDirectory) {
    this.#directory = directory;
    this.path = directory.path;
    this.#ballast = join(this.path, 'ballast');
  }

  /** Undefined where this user may not mount. */
  static async mount(): Promise<SmallDisk | undefined> {
    const directory = await temporaryDirectory('small-disk');
    try {
      await promisify(execFile)('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', directory.path]);
      return new SmallDisk(directory);
    } catch {
      await directory.remove();
      return undefined;
    }
  }

  /** Keeps it full until {@link makeRoom}: the promoter throws a mirror away, and another user of the disk takes that room, too. */
  async fill(): Promise<void> {
    await this.#takeAll();
    this.#isFull = true;
    this.#filling = this.#keepFull();
  }

  async #keepFull(): Promise<void> {
    while (this.#isFull) {
      await pause(5);
      await this.#takeAll();
    }
  }

  async #takeAll(): Promise<void> {
    await assert.rejects(appendFile(this.#ballast, tooMuch), { code: 'ENOSPC' });
  }

  async makeRoom(): Promise<void> {
    this.#isFull = false;
    await this.#filling;
    await rm(this.#ballast);
  }

  async unmount(): Promise<void> {
    this.#isFull = false;
    await this.#filling;
    await promisify(execFile)('umount', [this.path]);
    await this.#directory.remove();
  }
}
