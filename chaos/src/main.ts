import { createWriteStream } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { planRun } from './plan/plan.js';
import { describePlan, inWords, summarize } from './report.js';
import { carryOut } from './run/run.js';
import { verify } from './verify/verify.js';

interface Options {
  readonly seed: number;
  readonly tickets: number;
  readonly kills: number;
  readonly tracks: number;
  readonly stuck: number;
  readonly older?: string;
  readonly logs: string;
  readonly json?: true;
}

const program = new Command('npm run chaos --')
  .description(
    'Moves Tickets through two replicas each of ingest, tracker, promoter and argo-watcher while it kills processes and breaks servers. The exit code is 1 if a promise is broken.',
  )
  .exitOverride()
  .option('--seed <number>', 'decides everything that is drawn', wholeNumber, Math.floor(Math.random() * 1_000_000) + 1)
  .option('--tickets <number>', 'how many images are pushed', wholeNumber, 200)
  .option('--kills <number>', 'how many processes are killed', wholeNumber, 20)
  .option('--tracks <number>', 'how many Tracks there are', wholeNumber, 24)
  .option('--stuck <seconds>', 'how long no Ticket may end before the run gives up', wholeNumber, 400)
  .option('--older <folder>', 'a built checkout of an older version, of which one service runs')
  .option('--logs <folder>', 'where the logs and the history of a failed run stay', '.k8sta/chaos')
  .option('--json', 'print the verdict as one line of JSON')
  .action(run);

async function run(options: Options): Promise<void> {
  const say = (line: string) => void (options.json ? process.stderr : process.stdout).write(`${line}\n`);
  const plan = planRun(options);
  const folder = join(options.logs, `seed-${options.seed}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'plan.json'), JSON.stringify(plan, undefined, 1));
  for (const line of describePlan(plan)) say(line);
  if (options.older !== undefined) say(`${plan.behind} runs from ${options.older}`);
  const startedAt = performance.now();
  const logs = createWriteStream(join(folder, 'services.log'));
  const seconds = () => ((performance.now() - startedAt) / 1000).toFixed(0);
  const evidence = await carryOut(plan, {
    stuckMs: options.stuck * 1_000,
    ...(options.older !== undefined && { older: resolve(options.older) }),
    onStep: (step) => say(`${seconds().padStart(5)} s  ${step}`),
    onLine: (line) => void logs.write(`${line}\n`),
  });
  logs.end();
  const breaches = verify(evidence);
  const verdict = summarize(evidence, breaches, Number(seconds()));
  if (breaches.length > 0) {
    await writeFile(join(folder, 'evidence.json'), JSON.stringify(evidence));
    await writeFile(join(folder, 'verdict.json'), JSON.stringify(verdict, undefined, 1));
  } else await rm(folder, { recursive: true });
  const shown = breaches.length > 0 ? { ...verdict, logs: folder } : verdict;
  if (options.json) process.stdout.write(`${JSON.stringify(shown)}\n`);
  else for (const line of inWords(shown)) say(line);
  process.exitCode = breaches.length > 0 ? 1 : 0;
}

try {
  await program.parseAsync();
} catch (error) {
  // commander has already printed what is wrong with the command line.
  const usage = error instanceof CommanderError;
  if (!usage) process.stderr.write(`failed: ${(error as Error).stack}\n`);
  process.exitCode = usage ? error.exitCode : 1;
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('must be a whole number from 1 to 999999999');
  return Number(text);
}
