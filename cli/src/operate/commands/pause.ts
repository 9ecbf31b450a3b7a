import type { Command } from 'commander';
import { placeOf, placesText } from '../place.js';
import { examples, says } from '../speak.js';

export function addPause(program: Command): void {
  const command = program
    .command('pause')
    .description('let no Ticket enter a Station until it is resumed; what is on its way is still watched')
    .argument('[place]', 'a Track, or a Station as <track>/<station>')
    .option('--all', 'every Track');
  examples(command, 'pause storefront/prod -m "freeze"', 'pause storefront', 'pause --all -m "incident 4711"');
  says(
    command,
    'pause',
    (flags, place?: string) => placeOf(flags, place),
    (reply) => `paused ${placesText(reply)}`,
  );
}
