import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { type Service, startNats, startRedis, startService, temporaryDirectory, until } from '@k8sta/sandbox';
import { Redis } from 'ioredis';
import type { Figure, Report } from '../figure.js';
import { type Point, writePlot } from '../plot.js';
import { cpuSecondsOf } from '../process-stat.js';
import { bareDecisions } from './bare-redis.js';
import { type Surroundings, surround } from './bus.js';
import { heartbeat, observed, opened, trackName, tracksFile } from './events.js';

export interface TrackerBenchOptions {
  readonly tracks: number;
  /** How many observations are published to measure the throughput. */
  readonly decisions: number;
  /** How long the idle tracker is measured. */
  readonly seconds: number;
  /** How many pushes are published to measure the cost of one. */
  readonly pushes: number;
  /** How many Tickets have ended on a Track each time that the cost of an event is measured again. */
  readonly ended: readonly number[];
  /** The folder for a plot of that. */
  readonly plot?: string;
  /** Arguments of the tracker's Node.js: to profile it, or to try limits. */
  readonly node: readonly string[];
}

interface World {
  readonly options: TrackerBenchOptions;
  readonly tracker: Service;
  /** The process id of each server that the tracker uses. */
  readonly servers: { readonly nats: number; readonly redis: number };
  readonly bus: Surroundings;
  readonly redis: Redis;
  readonly report: Report;
}

const require = createRequire(import.meta.url);

/** Measures the tracker in its own process, started as it is deployed. */
export async function trackerBench(options: TrackerBenchOptions, onFigure: (figure: Figure) => void): Promise<void> {
  const ends: (() => Promise<unknown>)[] = [];
  try {
    const [nats, server, directory] = await Promise.all([startNats(), startRedis(), temporaryDirectory('bench')]);
    ends.push(
      () => directory.remove(),
      () => nats.stop(),
      () => server.stop(),
    );
    const file = join(directory.path, 'tracks.yaml');
    await writeFile(file, tracksFile(options.tracks));
    const redis = new Redis(server.url);
    ends.push(async () => redis.disconnect());
    const startedAt = performance.now();
    const tracker = await startService({
      name: 'tracker',
      entry: pathToFileURL(require.resolve('@k8sta/tracker')).href,
      environment: { K8STA_NATS_URL: nats.url, K8STA_REDIS_URL: server.url, K8STA_TRACKS: file },
      nodeArguments: options.node,
    });
    ends.push(() => tracker.stop());
    await tracker.ready();
    const report: Report = (figure) => onFigure({ bench: 'tracker', ...figure });
    report({ figure: 'time until ready', value: (performance.now() - startedAt) / 1000, unit: 's' });
    const bus = await surround(nats.url);
    ends.push(() => bus.close());
    const servers = { nats: nats.pid, redis: server.pid };
    const world: World = { options, tracker, servers, bus, redis, report };
    await settle(world);
    await measureIdle(world);
    await measureDecisions(world);
    await measureEnded(world);
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

let resourceVersion = 1;

/** Waits until every Application is observed and every Track is checked. */
async function settle({ options, bus, redis }: World): Promise<void> {
  await bus.publish(Array.from({ length: options.tracks }, (_, at) => observed(at, resourceVersion++)));
  await bus.publish([heartbeat()]);
  await handled(bus);
  // The checks of the Tracks begin once the heartbeat was read, up to seconds later.
  let last = -1;
  let quietLooks = 0;
  await until(
    async () => {
      const now = (await redisWrites(redis)) + (await bus.writes());
      quietLooks = now === last ? quietLooks + 1 : 0;
      last = now;
      return quietLooks === 5;
    },
    { what: 'a quiet tracker', deadlineMs: 120_000, everyMs: 2_000 },
  );
}

async function measureIdle({ options, tracker, bus, redis, report }: World): Promise<void> {
  const [cpu, written, copied] = [await cpuSecondsOf(tracker.pid), await redisWrites(redis), await bus.writes()];
  const end = performance.now() + options.seconds * 1_000;
  while (performance.now() < end) {
    // One watcher publishes this often.
    await bus.publish([heartbeat()]);
    await pause(Math.min(15_000, end - performance.now()));
  }
  const perMinute = 60 / options.seconds;
  const at = `, ${options.tracks} idle Tracks`;
  const cpuPerMinute = ((await cpuSecondsOf(tracker.pid)) - cpu) * perMinute;
  const none = { of: 'value', is: '<=', limit: 0 } as const;
  report({ figure: `writes to Redis${at}`, value: (await redisWrites(redis)) - written, unit: '', goal: none });
  report({ figure: `writes to JetStream${at}`, value: (await bus.writes()) - copied, unit: '', goal: none });
  const goal = { of: 'value', is: '<=', limit: 0.6 } as const;
  report({ figure: `processor time${at}`, value: cpuPerMinute, unit: 's/min', goal });
}

async function measureDecisions({ options, tracker, servers, bus, redis, report }: World): Promise<void> {
  const rounds = Math.max(1, Math.round(options.decisions / options.tracks));
  const processes = { tracker: tracker.pid, 'nats-server': servers.nats, 'redis-server': servers.redis };
  const decided = new Work(processes);
  const bare = new Work({ client: process.pid, 'redis-server': servers.redis });
  const names = Array.from({ length: options.tracks }, (_, at) => trackName(at));
  for (let round = 0; round < rounds; round++) {
    // While the tracker is stopped: who publishes would compete with it for the processor. No more than one for each
    // Application: the stream keeps only the last.
    process.kill(tracker.pid, 'SIGSTOP');
    await bus.publish(names.map((_, at) => observed(at, resourceVersion++)));
    const saved = (await bus.writes()) + options.tracks;
    await decided.add(async () => {
      process.kill(tracker.pid, 'SIGCONT');
      const isSaved = async () => (await bus.writes()) >= saved;
      await until(isSaved, { what: 'a decision on every observation', deadlineMs: 300_000, everyMs: 5 });
    });
    await handled(bus);
    await bare.add(() => bareDecisions(redis, names, options.tracks));
  }
  const count = rounds * options.tracks;
  report({
    ...{ figure: 'decisions, compared with bare load and compare-and-set', value: count / decided.seconds, unit: '/s' },
    ...{ reference: count / bare.seconds, ratio: bare.seconds / decided.seconds },
    goal: { of: 'ratio', is: '>=', limit: 0.5 },
  });
  for (const [what, { cpuSeconds }] of [['a decision', decided] as const, ['a bare one', bare] as const]) {
    for (const [name, used] of Object.entries(cpuSeconds)) {
      report({ figure: `processor time of ${what}, ${name}`, value: (1_000 * used) / count, unit: 'ms' });
    }
  }
}

/** How long some work took, and how much processor time of which process. */
class Work {
  seconds = 0;
  readonly cpuSeconds: Record<string, number> = {};
  readonly #pids: Readonly<Record<string, number>>;

  constructor(pids: Readonly<Record<string, number>>) {
    this.#pids = pids;
  }

  async add(work: () => Promise<unknown>): Promise<void> {
    const before = await cpuOf(this.#pids);
    const startedAt = performance.now();
    await work();
    this.seconds += (performance.now() - startedAt) / 1_000;
    for (const [name, value] of Object.entries(await cpuOf(this.#pids))) {
      this.cpuSeconds[name] = (this.cpuSeconds[name] ?? 0) + value - (before[name] ?? 0);
    }
  }
}

async function cpuOf(pids: Readonly<Record<string, number>>): Promise<Record<string, number>> {
  const read = Object.entries(pids).map(async ([name, pid]) => [name, await cpuSecondsOf(pid)] as const);
  return Object.fromEntries(await Promise.all(read));
}

async function measureEnded({ options, tracker, bus, redis, report }: World): Promise<void> {
  const { pushes } = options;
  let push = 1;
  const costOfPush = async (): Promise<number> => {
    const cpu = await cpuSecondsOf(tracker.pid);
    await bus.publish(Array.from({ length: pushes }, () => opened(0, push++)));
    await handled(bus);
    return (1_000 * ((await cpuSecondsOf(tracker.pid)) - cpu)) / pushes;
  };
  // The first pushes warm the tracker up.
  await costOfPush();
  const few = await costOfPush();
  const points: Point[] = [];
  let ended = 0;
  for (const count of options.ended) {
    for (; ended < count; ended += 10_000) {
      await addEnded(
        { bus, redis },
        Array.from({ length: Math.min(10_000, count - ended) }, (_, at) => `ended-${ended + at}`),
      );
    }
    ended = count;
    const value = await costOfPush();
    points.push({ x: count, y: value });
    report({
      ...{ figure: `a push, with ${count} ended Tickets, compared with few`, value, unit: 'ms', reference: few },
      ...{ ratio: value / few, goal: { of: 'ratio', is: '<=', limit: 1.1 } },
    });
  }
  if (options.plot !== undefined) {
    await writePlot(options.plot, 'tracker-ended-tickets', {
      ...{ title: 'Processor time of a push in the tracker', x: 'ended Tickets of the Track', y: 'milliseconds' },
      curves: [{ name: 'tracker', points }],
    });
  }
}

async function addEnded({ bus, redis }: Pick<World, 'bus' | 'redis'>, ids: readonly string[]): Promise<void> {
  const track = trackName(0);
  const now = Date.now();
  await redis.zadd(`k8sta:ended:${track}`, ...ids.flatMap((id) => [now, id]));
  const ended = JSON.stringify({ state: { is: 'completed', since: new Date().toISOString() }, version: 1 });
  await bus.put(ids.map((id) => [`ticket.${track}.${id}`, ended] as const));
}

async function handled(bus: Surroundings): Promise<void> {
  await until(async () => (await bus.pending()) === 0, {
    what: 'the tracker to handle every message',
    deadlineMs: 300_000,
    everyMs: 20,
  });
}

/**
 * The number of calls so far of the commands that change documents, timers and sources. Each tracker also announces its
 * tracks files every five seconds, by a `SET` with an expiry.
 */
async function redisWrites(redis: Redis): Promise<number> {
  const stats = await redis.info('commandstats');
  const calls = ['hset', 'hdel', 'zadd', 'zrem'].map((command) =>
    Number(new RegExp(`^cmdstat_${command}:calls=(\\d+)`, 'm').exec(stats)?.[1] ?? 0),
  );
  return calls.reduce((sum, each) => sum + each, 0);
}
