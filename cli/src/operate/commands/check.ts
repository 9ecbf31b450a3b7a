import { checkOutcome } from '@k8sta/contracts';
import { Argument, type Command } from 'commander';
import { examples, fieldOf, says } from '../speak.js';

export function addCheck(program: Command): void {
  const command = program
    .command('check')
    .description('report a check of a Ticket as passed or failed')
    .argument('<ticket>', 'its id, or how it begins')
    .argument('<station>', 'the Station that the check keeps closed')
    .argument('<name>', 'the name of the check')
    .addArgument(new Argument('<outcome>', 'what it found').choices(checkOutcome.options))
    .option('--track <track>', 'the Track of the Ticket');
  examples(command, 'check 3f2a9c prod smoke passed', 'check 3f2a9c prod smoke failed -m "3 of 40 requests failed"');
  says(
    command,
    'check',
    (flags, ticket: string, station: string, name: string, outcome: string) => ({
      ...{ ticket, station, name, outcome: checkOutcome.parse(outcome) },
      ...fieldOf(flags, 'track'),
    }),
    ({ ticket, station, track }, _ticket, _station, name, outcome) =>
      `check ${name} of Ticket ${ticket} for ${station} of ${track}: ${outcome}`,
  );
}
