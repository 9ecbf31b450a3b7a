import { setTimeout as pause } from 'node:timers/promises';
import { until } from '@k8sta/sandbox';
import type { Figure, Report } from '../figure.js';
import { type Memory, memoryOf } from '../memory.js';
import { childrenOf } from '../process-stat.js';
import { recordHistory } from '../railway/history.js';
import { range } from '../railway/lines.js';
import { createWorld, type World } from '../railway/world.js';

export interface RestBenchOptions {
  readonly tracks: number;
  /** How long after the last Git worker has ended memory is measured: by then V8 has given back what the ride needed. */
  readonly seconds: number;
  /** Further arguments of each service's Node.js. */
  readonly node: readonly string[];
}

/** A ride on every Track, and then nothing: what do the processes hold? */
export async function restBench(options: RestBenchOptions, onFigure: (figure: Figure) => void): Promise<void> {
  const report: Report = (figure) => onFigure({ bench: 'rest', ...figure });
  const world = await createWorld({
    ...{ tracks: options.tracks, repositories: 2, stations: 2, workers: 16 },
    // The default is five minutes, which change nothing but the time that this takes.
    promoter: { K8STA_GIT_WORKER_IDLE_MS: '5000' },
    node: options.node,
  });
  try {
    await world.start();
    await ride(options, world);
    await reportWorkers(world, report);
    await pause(options.seconds * 1_000);
    const pids = Object.entries(world.pids()).sort(([one], [other]) => one.localeCompare(other));
    const memories = await Promise.all(pids.map(async ([name, pid]) => [name, await memoryOf(pid)] as const));
    reportAll(memories, report);
  } finally {
    await world.stop();
  }
}

async function ride({ tracks }: RestBenchOptions, world: World): Promise<void> {
  const { ended, close } = await recordHistory(world.nats.url);
  try {
    await Promise.all(range(tracks).map((track) => world.push(track)));
    await until(() => ended.size === tracks, { what: 'the end of every Ticket', deadlineMs: 300_000 });
    const failed = [...ended].find(([, outcome]) => outcome !== 'completed');
    if (failed) throw new Error(`the Ticket ${failed[0]} was not completed: ${failed[1]}`);
  } finally {
    await close();
  }
}

/** They still run right after the ride; at rest there are none. */
async function reportWorkers(world: World, report: Report): Promise<void> {
  const promoter = world.pids()['promoter'] ?? Number.NaN;
  const workers = await Promise.all((await childrenOf(promoter)).map(memoryOf));
  const most = Math.max(...workers.map(({ pss }) => pss));
  report({ figure: 'Git workers after the ride', value: workers.length, unit: '' });
  if (workers.length > 0) report({ figure: 'the largest Git worker (PSS)', value: most, unit: 'MB' });
  await until(async () => (await childrenOf(promoter)).length === 0, {
    ...{ what: 'the end of every idle Git worker', deadlineMs: 60_000, everyMs: 250 },
  });
}

function reportAll(memories: readonly (readonly [string, Memory])[], report: Report): void {
  for (const [name, { pss, rss }] of memories) {
    report({ figure: `${name} (PSS)`, value: pss, unit: 'MB' });
    report({ figure: `${name} (RSS)`, value: rss, unit: 'MB' });
  }
  const sum = (key: 'pss' | 'rss') => memories.reduce((total, [, memory]) => total + memory[key], 0);
  const goal = { of: 'value', is: '<=', limit: 300 } as const;
  report({ figure: 'all of it (PSS)', value: sum('pss'), unit: 'MB', goal });
  report({ figure: 'all of it (RSS)', value: sum('rss'), unit: 'MB' });
}
