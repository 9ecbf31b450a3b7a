import type { Command } from 'commander';
import { UsageError } from '../exit-code.js';
import { splitPlace } from '../place.js';
import { examples, says } from '../speak.js';

export function addRollback(program: Command): void {
  const command = program
    .command('rollback')
    .description('take a Station back to what arrived there before, by a commit')
    .argument('<station>', 'as <track>/<station>');
  examples(command, 'rollback storefront/prod -m "error rate"');
  says(
    command,
    'rollback',
    (_flags, place: string) => {
      const { track, station } = splitPlace(place);
      if (station === undefined) throw new UsageError(`name the Station: ${track}/<station>`);
      return { track, station };
    },
    ({ track, station, image, ticket }) => `Ticket ${ticket} takes ${track}/${station} back to ${image}`,
  );
}
