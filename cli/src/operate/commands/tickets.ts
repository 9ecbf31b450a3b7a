import { formatImage } from '@k8sta/contracts';
import type { Command } from 'commander';
import { argument } from '../../argument.js';
import { moment, table } from '../output.js';
import { asks, examples, fieldOf } from '../speak.js';
import { stateText } from '../state-text.js';

export function addTickets(program: Command): void {
  const command = program
    .command('tickets')
    .description('list the Tickets, the newest first')
    .option('--track <track>', 'only those of this Track')
    .option('--all', 'also those that have ended')
    .option('--limit <count>', 'at most so many', argument(countOf));
  examples(command, 'tickets', 'tickets --track storefront --all', 'tickets -o json');
  asks(
    command,
    'tickets',
    (flags) => ({
      ...fieldOf(flags, 'track'),
      ...(flags['all'] === true && { ended: true }),
      ...(typeof flags['limit'] === 'number' && { limit: flags['limit'] }),
    }),
    ({ tickets, more }) => {
      if (tickets.length === 0) return 'no Ticket\n';
      const rows = tickets.map(({ id, track, image, pushedAt, state }) => {
        return [id, track, formatImage(image), moment(pushedAt), stateText(state)];
      });
      const rest = more === undefined ? '' : `and ${more} more\n`;
      return `${table(['TICKET', 'TRACK', 'IMAGE', 'PUSHED', 'STATE'], rows)}${rest}`;
    },
  );
}

function countOf(text: string): number {
  if (!/^\d+$/.test(text)) throw new RangeError('must be a whole number');
  return Number(text);
}
