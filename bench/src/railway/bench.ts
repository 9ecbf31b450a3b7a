import { until } from '@k8sta/sandbox';
import type { Figure, Report } from '../figure.js';
import { bareRate } from './bare.js';
import { busOf, reportCost, reportMemory, usageOf } from './cost.js';
import { type History, recordHistory } from './history.js';
import { range } from './lines.js';
import { type Posted, reportSpeed, reportTimes } from './speed.js';
import { reportSteps } from './trackers.js';
import { createWorld, type World, type WorldOptions } from './world.js';

export interface RailwayBenchOptions extends WorldOptions {
  /** How many seconds to wait for the Tickets to end. */
  readonly seconds: number;
}

/** Of so many Tracks at most the bare pushes are made: their rate does not change with more. */
const bareTracks = 100;

/** Pushes a new tag of every Track's image at once, and waits until the last Ticket is completed. */
export async function railwayBench(options: RailwayBenchOptions, onFigure: (figure: Figure) => void): Promise<void> {
  const report: Report = (figure) => onFigure({ bench: 'railway', ...figure });
  const world = await createWorld(options);
  try {
    const bare = await bareRate({ ...options, tracks: Math.min(options.tracks, bareTracks) }, world);
    await world.start();
    const history = await recordHistory(world.nats.url);
    try {
      await settled(world);
      const before = await usageOf(world);
      const stepsBefore = await world.steps();
      const posted = await pushAll(options, world);
      await ended(options, history);
      const after = await usageOf(world);
      reportOutcome(options, history, report);
      reportSpeed(history, posted, bare, report);
      reportTimes(history, posted, report);
      const promotions = [...history.steps.values()].filter((step) => step['promotion.committed']).length;
      if (promotions > 0) reportCost([before, after], { promotions, heard: history.heard() }, report);
      if (promotions > 0) reportSteps(stepsBefore, await world.steps(), promotions, report);
      await reportMemory(world, report);
    } finally {
      await history.close();
    }
  } finally {
    await world.stop();
  }
}

/** Waits until the tracker has had every Track inspected, which it does once after its start. */
async function settled(world: World): Promise<void> {
  let last = -1;
  let quietLooks = 0;
  const isQuiet = async () => {
    const { stored } = await busOf(world);
    // Heartbeats are stored too, a few per second.
    quietLooks = stored - last <= quietMessages ? quietLooks + 1 : 0;
    last = stored;
    return quietLooks === 5;
  };
  await until(isQuiet, { what: 'a quiet railway', deadlineMs: 600_000, everyMs: 1_000 });
}

/** How many messages at most are stored between two looks at a quiet railway. */
const quietMessages = 5;

/** How many webhooks are on their way at a time. */
const senders = 32;

async function pushAll({ tracks }: RailwayBenchOptions, world: World): Promise<Posted> {
  const posted = new Map<string, number>();
  let next = 0;
  const sender = async (): Promise<void> => {
    for (let track = next++; track < tracks; track = next++) {
      const at = Date.now();
      posted.set(await world.push(track), at);
    }
  };
  await Promise.all(range(senders).map(sender));
  return posted;
}

async function ended({ tracks, seconds }: RailwayBenchOptions, { ended }: History): Promise<void> {
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
