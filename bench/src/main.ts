import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { type Figure, inJson, inWords } from './figure.js';
import { type IngestBenchOptions, ingestBench } from './ingest/bench.js';
import { type PromoterBenchOptions, promoterBench } from './promoter/bench.js';
import { type RailwayBenchOptions, railwayBench } from './railway/bench.js';
import { railwaySweep, type SweepOptions } from './railway/sweep.js';
import { type RestBenchOptions, restBench } from './rest/bench.js';
import { type TrackerBenchOptions, trackerBench } from './tracker/bench.js';
import { type WatcherBenchOptions, watcherBench } from './watcher/bench.js';

const program = new Command('npm run bench -w bench --')
  .description('Measures K8sTA on this machine. The output marks a missed goal; the exit code stays 0.')
  .exitOverride();

program
  .command('watcher')
  .description("argo-watcher: the time to the first heartbeat, memory, and the handling of Argo CD's updates")
  .option('--applications <number>', 'how many Applications there are', wholeNumber, 10_000)
  .option('--kilobytes <number>', 'how large each one is', wholeNumber, 20)
  .option('--updates <number>', 'how many updates are made', wholeNumber, 5_000)
  .option(
    '--node <arguments>',
    'arguments of the watcher\'s Node.js, such as "--cpu-prof --cpu-prof-dir=.k8sta/profile"',
    words,
    [],
  )
  .option('--json', 'one line of JSON per figure')
  .action(async ({ json, ...options }: WatcherBenchOptions & { json?: boolean }) => {
    await watcherBench(options, printer(json));
  });

program
  .command('tracker')
  .description(
    'the tracker: the cost of 1,000 idle Tracks, decisions per second, and the cost of an event as Tickets end',
  )
  .option('--tracks <number>', 'how many Tracks there are', wholeNumber, 1_000)
  .option('--decisions <number>', 'how many observations are decided on', wholeNumber, 10_000)
  .option('--seconds <number>', 'how long the idle tracker is measured', wholeNumber, 60)
  .option(
    '--pushes <number>',
    'how many pushes are published each time that the cost of one is measured',
    wholeNumber,
    1_000,
  )
  .option('--ended <numbers>', 'how many Tickets have ended on a Track, such as 100,10000', wholeNumbers, [100_000])
  .option('--plot <folder>', 'writes an SVG plot of the cost of an event, as Tickets end, into this folder')
  .option('--node <arguments>', "arguments of the tracker's Node.js", words, [])
  .option('--json', 'one line of JSON per figure')
  .action(async ({ json, ...options }: TrackerBenchOptions & { json?: boolean }) => {
    await trackerBench(options, printer(json));
  });

program
  .command('promoter')
  .description('the promoter: one promotion and many, compared with bare pushes and clones, and memory over many')
  .option('--files <number>', 'how many files the repository has', wholeNumber, 20_000)
  .option('--commits <number>', 'how many commits the repository has', wholeNumber, 5_000)
  .option('--messages <number>', 'how many messages of other Tracks the stream holds', wholeNumber, 20_000)
  .option('--rounds <number>', 'how often a single promotion is measured', wholeNumber, 30)
  .option('--tickets <number>', 'how many Tickets are promoted at once', wholeNumber, 200)
  .option('--promotions <number>', 'over how many promotions memory is measured', wholeNumber, 10_000)
  .option('--node <arguments>', "arguments of the promoter's Node.js", words, [])
  .option('--json', 'one line of JSON per figure')
  .action(async ({ json, ...options }: PromoterBenchOptions & { json?: boolean }) => {
    await promoterBench(options, printer(json));
  });

program
  .command('railway')
  .description(
    'all services that move a Ticket: a new tag of every Track at once, compared with the same pushes by bare libgit2',
  )
  .option('--tracks <number>', 'how many Tracks there are', wholeNumber, 40)
  .option('--repositories <number>', 'how many Git repositories they share', wholeNumber, 20)
  .option('--stations <number>', 'how many Stations each Track has', wholeNumber, 3)
  .option('--workers <number>', 'how many Git worker processes the promoter may have', wholeNumber, 16)
  .option('--trackers <number>', 'how many trackers share the work', wholeNumber, 1)
  .option('--seconds <number>', 'how long to wait for the Tickets to end', wholeNumber, 300)
  .option('--sweep <numbers>', 'runs it once for each of these numbers of Tracks, such as 10,100,1000', wholeNumbers)
  .option('--plot <folder>', 'writes SVG plots of a sweep into this folder')
  .option('--node <arguments>', "arguments of the services' Node.js", words, [])
  .option('--node-of <service>', 'only this service gets them: its name, or git or argo for the stand-ins')
  .option('--json', 'one line of JSON per figure')
  .action(
    async ({ json, sweep, plot, ...options }: RailwayBenchOptions & Partial<SweepOptions> & { json?: boolean }) => {
      if (plot && !sweep) program.error('error: --plot draws how figures grow, and needs --sweep');
      if (sweep) await railwaySweep({ ...options, sweep, plot }, printer(json));
      else await railwayBench(options, printer(json));
    },
  );

program
  .command('ingest')
  .description('ingest: durable webhooks per second, compared with a bare Koa handler that stores one message')
  .option('--webhooks <number>', 'how many webhooks are posted to each of the two in each round', wholeNumber, 5_000)
  .option('--rounds <number>', 'how many rounds there are; the figures are medians', wholeNumber, 7)
  .option('--connections <number>', 'how many connections post at a time', wholeNumber, 32)
  .option('--tracks <number>', 'how many Tracks subscribe to the image', wholeNumber, 1)
  .option('--node <arguments>', "arguments of the ingest's Node.js", words, [])
  .option('--json', 'one line of JSON per figure')
  .action(async ({ json, ...options }: IngestBenchOptions & { json?: boolean }) => {
    await ingestBench(options, printer(json));
  });

program
  .command('rest')
  .description('all services that move a Ticket: the memory of each process at rest, after a ride of every Track')
  .option('--tracks <number>', 'how many Tracks there are', wholeNumber, 5)
  .option('--seconds <number>', 'how long after the last Git worker has ended memory is measured', wholeNumber, 30)
  .option('--node <arguments>', "further arguments of the services' Node.js, to try one", words, [])
  .option('--json', 'one line of JSON per figure')
  .action(async ({ json, ...options }: RestBenchOptions & { json?: boolean }) => {
    await restBench(options, printer(json));
  });

try {
  await program.parseAsync();
} catch (error) {
  // commander has already printed what is wrong with the command line.
  const usage = error instanceof CommanderError;
  if (!usage) process.stderr.write(`failed: ${(error as Error).stack}\n`);
  process.exitCode = usage ? error.exitCode : 1;
}

function printer(json?: boolean): (figure: Figure) => void {
  return (figure) => void process.stdout.write(`${json ? inJson(figure) : inWords(figure)}\n`);
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('must be a whole number from 1 to 999999');
  return Number(text);
}

function wholeNumbers(text: string): number[] {
  return text.split(',').map(wholeNumber);
}

function words(text: string): string[] {
  return text.split(' ').filter((word) => word !== '');
}
