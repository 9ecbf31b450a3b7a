import { until } from '@k8sta/sandbox';
import type { Figure } from '../figure.js';
import { bareRate } from './bare.js';
import { type History, recordHistory } from './history.js';
import { range } from './lines.js';
import { createWorld, type World, type WorldOptions } from './world.js';

export interface RailwayBenchOptions extends WorldOptions {
  /** How many seconds to wait for the Tickets to end. */
  readonly seconds: number;
}

type Report = (figure: Omit<Figure, 'bench'>) => void;

/** Pushes a new tag of every Track's image at once, and waits until the last Ticket is completed. */
export async function railwayBench(options: RailwayBenchOptions, onFigure: (figure: Figure) => void): Promise<void> {
  const report: Report = (figure) => onFigure({ bench: 'railway', ...figure });
  const world = await createWorld(options);
  try {
    const bare = await bareRate(options, world);
    await world.start();
    const history = await recordHistory(world.nats.url);
    try {
      const startedAt = Date.now();
      await pushAll(options, world, history);
      reportOutcome(options, history, report);
      reportSpeed(history, startedAt, bare, report);
      reportTimes(history, startedAt, report);
    } finally {
      await history.close();
    }
  } finally {
    await world.stop();
  }
}

async function pushAll({ tracks, seconds }: RailwayBenchOptions, world: World, { ended }: History): Promise<void> {
  await Promise.all(range(tracks).map((track) => world.push(track)));
  // A figure shows how many Tickets did not end in time.
  await until(() => ended.size === tracks, { deadlineMs: seconds * 1000 }).catch(() => {});
}

function reportOutcome({ tracks }: RailwayBenchOptions, { ended, delays }: History, report: Report): void {
  const completed = [...ended.values()].filter((outcome) => outcome === 'completed').length;
  report({ figure: 'Tickets completed', value: completed, unit: '', goal: { of: 'value', is: '>=', limit: tracks } });
  report({
    ...{ figure: 'delays published', value: delays.length, unit: '' },
    goal: { of: 'value', is: '<=', limit: 0 },
  });
  for (const message of new Set([...delays, ...ended.values()])) {
    if (message !== 'completed') process.stderr.write(`${message}\n`);
  }
}

function reportSpeed({ steps }: History, startedAt: number, bare: number, report: Report): void {
  const committed = times(steps, 'promotion.committed');
  if (committed.length === 0) return;
  const seconds = (Math.max(...committed) - startedAt) / 1000;
  const rate = committed.length / seconds;
  report({
    figure: 'promotions, compared with bare pushes',
    value: rate,
    unit: '/s',
    reference: bare,
    ratio: rate / bare,
  });
  report({
    figure: 'time from the pushes to the first commit',
    value: (Math.min(...committed) - startedAt) / 1000,
    unit: 's',
  });
  report({ figure: 'time from the pushes to the last commit', value: seconds, unit: 's' });
}

/** Reports the median time of each step of a promotion. */
function reportTimes({ steps }: History, startedAt: number, report: Report): void {
  const between = (from: string, to: string) =>
    [...steps.values()].flatMap((step) => {
      const [start, end] = [step[from], step[to]];
      return start === undefined || end === undefined ? [] : [end - start];
    });
  const parts = [
    ['tracker: from a push until its first request', firstRequests(steps, startedAt)],
    ['promoter: from the request until the branch is fetched', between('promotion.requested', 'promotion.started')],
    ['promoter: from the fetch until the commit is pushed', between('promotion.started', 'promotion.committed')],
    ['Argo CD (stand-in) and tracker: from the push until arrival', between('promotion.committed', 'ticket.arrived')],
  ] as const;
  for (const [figure, ms] of parts) if (ms.length > 0) report({ figure, value: median(ms) / 1000, unit: 's' });
}

function firstRequests(steps: History['steps'], startedAt: number): number[] {
  const firsts = new Map<string, number>();
  for (const [key, { 'promotion.requested': at }] of steps) {
    const ticket = key.split('/')[0] ?? '';
    if (at !== undefined) firsts.set(ticket, Math.min(firsts.get(ticket) ?? at, at));
  }
  return [...firsts.values()].map((at) => at - startedAt);
}

function times(steps: History['steps'], type: string): number[] {
  return [...steps.values()].flatMap((step) => step[type] ?? []);
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
