import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { eventId } from '@k8sta/contracts';
import type { Repository } from '@k8sta/sandbox';
import type { Figure, Report } from '../figure.js';
import { memoryOf } from '../memory.js';
import { childrenOf, cpuSecondsOfTree } from '../process-stat.js';
import { median } from '../statistics.js';
import { startBarePusher } from './bare.js';
import { clonePerChange } from './clone-per-change.js';
import { createBigRepository, nextMove, type RepositorySize } from './repository.js';
import { createWorld, type World } from './world.js';

export interface PromoterBenchOptions {
  readonly files: number;
  readonly commits: number;
  /** How many messages of other Tracks the stream holds. */
  readonly messages: number;
  /** How often each single promotion is measured. */
  readonly rounds: number;
  /** How many Tickets are promoted at once beside a rival writer. */
  readonly tickets: number;
  /** Over how many promotions memory is measured. */
  readonly promotions: number;
  /** Arguments of the promoter's Node.js: to profile it, or to try limits. */
  readonly node: readonly string[];
}

interface Scene {
  readonly options: PromoterBenchOptions;
  readonly world: World;
  readonly size: RepositorySize;
  readonly report: Report;
}

/** Fewer clones than other rounds, because each takes seconds: alone, and beside a rival writer. */
const maxClones = { alone: 10, rivalled: 3 };

/** How long the rival pauses between two commits. */
const rivalGapMs = 500;

/** How many promotions are on their way at once while memory is measured. */
const inFlight = 64;

/** Measures the promoter in its own process, started as it is deployed, over smart HTTP. */
export async function promoterBench(options: PromoterBenchOptions, onFigure: (figure: Figure) => void): Promise<void> {
  const world = await createWorld(options.node);
  try {
    const size = { ...options, applications: Math.min(500, Math.ceil(options.files / 2)) };
    const report: Report = (figure) => onFigure({ bench: 'promoter', ...figure });
    const scene: Scene = { options, world, size, report };
    await measureSingle(scene);
    await measureMany(scene);
    await measureMemory(scene);
  } finally {
    await world.stop();
  }
}

/** One promotion at a time, beside a bare push and a clone of the same size of repository, in turn. */
async function measureSingle({ options, world, size, report }: Scene): Promise<void> {
  const { git, directory } = world;
  const [ours, bares, clones] = await Promise.all(
    ['ours', 'bare', 'cloned'].map((name) => createBigRepository(git, `${name}/config`, size)),
  );
  if (!ours || !bares || !clones) throw new TypeError('unreachable: three names make three repositories');
  await fillStream(world, options.messages);
  const bare = await startBarePusher(git, bares, directory);
  const ms = { promotion: [] as number[], answer: [] as number[], moved: [] as number[], bare: [] as number[] };
  const cloneMs: number[] = [];
  let requests = 0;
  try {
    await world.promote(ours, 0, 'warm');
    await bare.push(0, 'warm');
    for (let round = 1; round <= options.rounds; round++) {
      const application = round % size.applications;
      git.intercept(() => void requests++);
      const [toRef, toAnswer] = await timed(world, ours, application, `2.0.${round}`);
      git.intercept(undefined);
      ms.promotion.push(toRef);
      ms.answer.push(toAnswer);
      ms.bare.push(await bare.push(application, `2.0.${round}`));
      await ours.commit({ files: { 'rival.txt': `${round}\n` }, message: 'Rival' });
      ms.moved.push((await timed(world, ours, application, `3.0.${round}`))[0]);
      if (round > maxClones.alone) continue;
      cloneMs.push(await clonePerChange(git, clones, directory, { application, tag: `2.0.${round}` }));
    }
  } finally {
    await bare.stop();
  }
  const [promotion, moved, push, clone] = [ms.promotion, ms.moved, ms.bare, cloneMs].map(median) as [
    ...[number, number, number, number],
  ];
  const compared = (figure: string, value: number, reference: number) =>
    ({ figure, value, unit: 'ms', reference, ratio: value / reference }) as const;
  const goal = { of: 'ratio', is: '<=', limit: 1.25 } as const;
  report({ ...compared('a promotion, compared with a bare push', promotion, push), goal });
  report(compared('the same after a commit of somebody else', moved, push));
  report({ figure: 'from the request to promotion.committed', value: median(ms.answer), unit: 'ms' });
  report({ figure: 'HTTP requests per promotion', value: requests / options.rounds, unit: '' });
  report({
    ...{ figure: 'times faster than clone, commit, push', value: clone / promotion, unit: '' },
    goal: { of: 'value', is: '>=', limit: 20 },
  });
}

/** Milliseconds from the request until the branch moves, and until the answer. */
async function timed(
  world: World,
  repository: Repository,
  application: number,
  tag: string,
): Promise<[toRef: number, toAnswer: number]> {
  const moved = nextMove(repository);
  const startedAt = performance.now();
  await world.promote(repository, application, tag);
  const answeredAt = performance.now();
  return [(await moved) - startedAt, answeredAt - startedAt];
}

/** A stream is never empty: 20,000 messages are a few hours of a busy company. */
async function fillStream({ bus }: World, messages: number): Promise<void> {
  const at = new Date().toISOString();
  for (let from = 0; from < messages; from += 1_000) {
    await Promise.all(
      Array.from({ length: Math.min(1_000, messages - from) }, (_, index) => {
        const ticket = `other${from + index}`;
        return bus.publish({
          type: 'promotion.failed',
          id: eventId('promotion.failed', ticket),
          data: {
            ...{ promotion: `${ticket}/prod/1`, part: 0, ticket, track: `other-${index % 100}`, station: 'prod' },
            ...{ reason: 'Withdrawn', message: 'an event of another Track', failedAt: at },
          },
        });
      }),
    );
  }
}

/** Many Tickets on one branch, while somebody else commits to it again and again. */
async function measureMany({ options, world, size, report }: Scene): Promise<void> {
  const { git, directory } = world;
  const repository = await createBigRepository(git, 'many/config', size);
  await world.promote(repository, 0, 'warm');
  const { rate: rival, stop } = startRival(repository);
  try {
    const cloneMs: number[] = [];
    const rounds = Math.min(maxClones.rivalled, options.rounds);
    for (let round = 0; round < rounds; round++) {
      const change = { application: round % size.applications, tag: `4.0.${round}` };
      cloneMs.push(await clonePerChange(git, repository, directory, change));
    }
    const startedAt = performance.now();
    await Promise.all(
      Array.from({ length: options.tickets }, (_, at) =>
        world.promote(repository, at % size.applications, `5.0.${Math.floor(at / size.applications)}`),
      ),
    );
    const seconds = (performance.now() - startedAt) / 1000;
    const rate = options.tickets / seconds;
    const reference = 1000 / (cloneMs.reduce((sum, each) => sum + each, 0) / rounds);
    report({
      ...{ figure: `${options.tickets} Tickets on one branch beside a rival`, value: rate, unit: '/s' },
      ...{ reference, ratio: rate / reference, goal: { of: 'ratio', is: '>=', limit: 50 } },
    });
    report({ figure: 'time until the last of them', value: seconds, unit: 's' });
  } finally {
    await stop();
  }
  report({ figure: 'commits of the rival meanwhile', value: rival(), unit: '/s' });
}

/** Commits to the branch until it is stopped. */
function startRival(repository: Repository): { rate(): number; stop(): Promise<void> } {
  const startedAt = performance.now();
  let count = 0;
  let isStopped = false;
  let seconds = 0;
  const running = (async () => {
    while (!isStopped) {
      await repository.commit({ files: { 'rival.txt': `${++count}\n` }, message: 'Rival' });
      await new Promise((resolve) => setTimeout(resolve, rivalGapMs));
    }
    seconds = (performance.now() - startedAt) / 1000;
  })();
  return {
    rate: () => count / seconds,
    async stop() {
      isStopped = true;
      await running;
    },
  };
}

/** Memory and disk after a tenth of the promotions and after all of them. */
async function measureMemory({ options, world, size, report }: Scene): Promise<void> {
  const repository = await createBigRepository(world.git, 'long/config', size);
  const early = Math.ceil(options.promotions / 10);
  let begun = 0;
  const promoteUntil = async (end: number) => {
    await Promise.all(
      Array.from({ length: inFlight }, async () => {
        while (begun < end) {
          const at = begun++;
          await world.promote(repository, at % size.applications, `6.${Math.floor(at / size.applications)}.0`);
        }
      }),
    );
  };
  await promoteUntil(early);
  // With the Git workers that are replaced in between.
  const cpuSeconds = () => cpuSecondsOfTree(world.promoter.pid);
  const [before, cpuBefore, startedAt] = [await memoryOfAll(world), await cpuSeconds(), performance.now()];
  await promoteUntil(options.promotions);
  const seconds = (performance.now() - startedAt) / 1000;
  const [after, cpuAfter] = [await memoryOfAll(world), await cpuSeconds()];
  const count = Math.max(1, options.promotions - early);
  report({
    ...{ figure: `memory (RSS) after ${options.promotions} promotions`, value: after, unit: 'MB' },
    ...{ reference: before, ratio: after / before, goal: { of: 'ratio', is: '<=', limit: 1.1 } },
  });
  report({ figure: 'the same, promotions', value: count / seconds, unit: '/s' });
  report({ figure: 'processor time of a promotion', value: ((cpuAfter - cpuBefore) * 1000) / count, unit: 'ms' });
  const disk = await diskOf(world.mirrors);
  report({ figure: 'disk of the mirrors', value: disk.bytes / 1e6, unit: 'MB' });
  report({ figure: 'files of the mirrors', value: disk.files, unit: '' });
}

/** That of the promoter and of its Git workers. */
async function memoryOfAll({ promoter }: World): Promise<number> {
  const processes = [promoter.pid, ...(await childrenOf(promoter.pid))];
  const each = await Promise.all(processes.map(async (pid) => (await memoryOf(pid)).rss));
  return each.reduce((sum, rss) => sum + rss, 0);
}

async function diskOf(directory: string): Promise<{ bytes: number; files: number }> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size));
  return { bytes: sizes.reduce((sum, size) => sum + size, 0), files: files.length };
}
