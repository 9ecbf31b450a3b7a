import type { Command } from 'commander';
import { examples, fieldOf, says } from '../speak.js';

export function addRetry(program: Command): void {
  const command = program
    .command('retry')
    .description('open the next attempt of a Ticket that has failed, was cancelled or was superseded')
    .argument('<ticket>', 'its id, or how it begins')
    .argument('[station]', 'where the new Ticket starts; default: where the old one ended')
    .option('--track <track>', 'the Track of the Ticket');
  examples(command, 'retry 3f2a9c', 'retry 3f2a9c dev -m "the cluster was full"');
  says(
    command,
    'retry',
    (flags, ticket: string, station?: string) => ({
      ticket,
      ...fieldOf(flags, 'track'),
      ...(station !== undefined && { station }),
    }),
    ({ ticket, track, station }) => `opened Ticket ${ticket} at ${station} of ${track}`,
  );
}
