import { scenarios } from '@k8sta/sandbox';
import { Command, CommanderError, Option } from 'commander';
import { actor, demonstrate, type Show } from './demonstrate.js';
import { plays } from './plays/index.js';
import { senders } from './webhook.js';

const shows = [...scenarios, ...plays];
const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => ending.abort(new Error(`ended by ${signal}`)));
}

const program = new Command('npm run demo --')
  .description('Moves an image through dev -> stage -> prod with real NATS, Redis and Git servers on this machine.')
  .addOption(
    new Option('--scenario <name>', 'what happens on the way')
      .choices(shows.map(({ name }) => name))
      .default('healthy'),
  )
  .addOption(
    new Option('--sender <name>', 'the registry whose webhook announces the image')
      .choices(senders)
      .default('dockerhub'),
  )
  .option('--list', 'list the scenarios and what happens in each')
  .option('--keep', 'keep everything running after the ride, and print commands to try')
  .option('--web', 'show the railway in a browser too, at the address that the demo prints; --keep does so, too')
  .option('--notify', 'start the notifier too, and print each message that it sends')
  .exitOverride();

try {
  const {
    scenario,
    list: isList,
    ...options
  } = program.parse().opts<Omit<Show, 'named'> & { readonly scenario: string; readonly list?: boolean }>();
  const named = shows.find(({ name }) => name === scenario);
  if (isList || !named) list();
  else await demonstrate({ named, ...options }, process.stdout, ending.signal);
} catch (error) {
  // commander has already printed what is wrong with the command line.
  const usage = error instanceof CommanderError;
  if (!usage) process.stderr.write(`failed: ${(error as Error).message}\n`);
  process.exitCode = usage ? error.exitCode : 1;
}

function list(): void {
  process.stdout.write(`What ${actor}, one of the two Applications of the Station "stage", may do:\n\n`);
  for (const { name, what, ends } of scenarios) process.stdout.write(`${name.padEnd(22)} ${what} Ends ${ends}.\n`);
  process.stdout.write('\nWhat people, gates and other Tracks may do:\n\n');
  for (const { name, what } of plays) process.stdout.write(`${name.padEnd(22)} ${what}\n`);
}
