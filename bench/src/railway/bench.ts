import { until } from '@k8sta/sandbox';
import type { Figure } from '../figure.js';
import { bareRate } from './bare.js';
import { type History, recordHistory } from './history.js';
import { range } from './lines.js';
import { createWorld, type World, type WorldOptions } from './world.js';

export interface RailwayBenchOptions extends WorldOptions {
  /** After how many seconds what is not over is given up. */
  readonly seconds: number;
}

type Tell = (figure: Omit<Figure, 'bench'>) => void;

/** Pushes a new tag of every Track's image at once, and waits until the last Ticket is completed. */
export async function railwayBench(options: RailwayBenchOptions, onFigure: (figure: Figure) => void): Promise<void> {
  const tell: Tell = (figure) => onFigure({ bench: 'railway', ...figure });
  const world = await createWorld(options);
  try {
    const bare = await bareRate(options, world);
    await world.start();
    const history = await recordHistory(world.nats.url);
    try {
      const begun = Date.now();
      await pushAll(options, world, history);
      tellOutcome(options, history, tell);
      tellSpeed(history, begun, bare, tell);
      tellTimes(history, begun, tell);
    } finally {
      await history.close();
    }
  } finally {
    await world.stop();
  }
}

async function pushAll({ tracks, seconds }: RailwayBenchOptions, world: World, { ended }: History): Promise<void> {
  await Promise.all(range(tracks).map((track) => world.push(track)));
  // What is not over by then is a figure, too.
  await until(() => ended.size === tracks, { deadlineMs: seconds * 1000 }).catch(() => {});
}

function tellOutcome({ tracks }: RailwayBenchOptions, { ended, delays }: History, tell: Tell): void {
  const completed = [...ended.values()].filter((outcome) => outcome === 'completed').length;
  tell({ figure: 'Tickets completed', value: completed, unit: '', goal: { of: 'value', is: '>=', limit: tracks } });
  tell({
    ...{ figure: 'times that a Ticket was told of a delay', value: delays.length, unit: '' },
    goal: { of: 'value', is: '<=', limit: 0 },
  });
  for (const message of new Set([...delays, ...ended.values()])) {
    if (message !== 'completed') process.stderr.write(`said: ${message}\n`);
  }
}

function tellSpeed({ steps }: History, begun: number, bare: number, tell: Tell): void {
  const committed = times(steps, 'promotion.committed');
  if (committed.length === 0) return;
  const seconds = (Math.max(...committed) - begun) / 1000;
  const rate = committed.length / seconds;
  tell({ figure: 'promotions, beside bare pushes', value: rate, unit: '/s', reference: bare, ratio: rate / bare });
  tell({ figure: 'from the pushes to the first commit', value: (Math.min(...committed) - begun) / 1000, unit: 's' });
  tell({ figure: 'from the pushes to the last commit', value: seconds, unit: 's' });
}

/** Where the time of one promotion goes: the medians of its steps. */
function tellTimes({ steps }: History, begun: number, tell: Tell): void {
  const between = (from: string, to: string) =>
    [...steps.values()].flatMap((step) => {
      const [start, end] = [step[from], step[to]];
      return start === undefined || end === undefined ? [] : [end - start];
    });
  const parts = [
    ['tracker: a push until its first commit is asked for', firstRequests(steps, begun)],
    ['promoter: asked, until the branch is fetched', between('promotion.requested', 'promotion.started')],
    ['promoter: fetched, until the commit is pushed', between('promotion.started', 'promotion.committed')],
    ['Argo CD (stand-in) and tracker: pushed, until arrived', between('promotion.committed', 'ticket.arrived')],
  ] as const;
  for (const [figure, ms] of parts) if (ms.length > 0) tell({ figure, value: median(ms) / 1000, unit: 's' });
}

function firstRequests(steps: History['steps'], begun: number): number[] {
  const firsts = new Map<string, number>();
  for (const [key, { 'promotion.requested': at }] of steps) {
    const ticket = key.split('/')[0] ?? '';
    if (at !== undefined) firsts.set(ticket, Math.min(firsts.get(ticket) ?? at, at));
  }
  return [...firsts.values()].map((at) => at - begun);
}

function times(steps: History['steps'], type: string): number[] {
  return [...steps.values()].flatMap((step) => step[type] ?? []);
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
