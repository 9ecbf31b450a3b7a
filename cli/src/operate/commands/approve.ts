import type { Command } from 'commander';
import { examples, fieldOf, says } from '../speak.js';

export function addApprove(program: Command): void {
  const command = program
    .command('approve')
    .description('approve that a Ticket enters a Station')
    .argument('<ticket>', 'its id, or how it begins')
    .argument('[station]', 'default: the Station that it waits to enter')
    .option('--track <track>', 'the Track of the Ticket');
  examples(command, 'approve 3f2a9c', 'approve 3f2a9c prod -m "release notes are out"');
  says(
    command,
    'approve',
    (flags, ticket: string, station?: string) => ({
      ticket,
      ...fieldOf(flags, 'track'),
      ...(station !== undefined && { station }),
    }),
    ({ ticket, track, station }) => `approved Ticket ${ticket} for ${station} of ${track}`,
  );
}
