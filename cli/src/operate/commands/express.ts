import type { Command } from 'commander';
import { examples, fieldOf, says } from '../speak.js';

export function addExpress(program: Command): void {
  const command = program
    .command('express')
    .description('take a Ticket past gates and blocks; older Tickets do not follow')
    .argument('<ticket>', 'its id, or how it begins')
    .option('--to <station>', 'up to and including this Station; default: the last')
    .option('--track <track>', 'the Track of the Ticket');
  examples(command, 'express 3f2a9c -m "fixes the outage"', 'express 3f2a9c --to stage');
  says(
    command,
    'express',
    (flags, ticket: string) => {
      const to = flags['to'];
      return { ticket, ...fieldOf(flags, 'track'), ...(typeof to === 'string' && { station: to }) };
    },
    ({ ticket, track, station }) => `Ticket ${ticket} of ${track} goes by express to ${station ?? 'the last Station'}`,
  );
}
