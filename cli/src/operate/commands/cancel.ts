import type { Command } from 'commander';
import { examples, fieldOf, says } from '../speak.js';

export function addCancel(program: Command): void {
  const command = program
    .command('cancel')
    .description('end a Ticket; what it has committed stays')
    .argument('<ticket>', 'its id, or how it begins')
    .option('--track <track>', 'the Track of the Ticket');
  examples(command, 'cancel 3f2a9c -m "wrong image"');
  says(
    command,
    'cancel',
    (flags, ticket: string) => ({ ticket, ...fieldOf(flags, 'track') }),
    ({ ticket, track }) => `cancelled Ticket ${ticket} of ${track}`,
  );
}
