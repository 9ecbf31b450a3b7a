import type { Command } from 'commander';
import { placeOf, placesText } from '../place.js';
import { examples, says } from '../speak.js';

export function addResume(program: Command): void {
  const command = program
    .command('resume')
    .description('end a pause, or the hold of a Station that a person took back')
    .argument('[place]', 'a Track, or a Station as <track>/<station>')
    .option('--all', 'every Track');
  examples(command, 'resume storefront/prod', 'resume --all');
  says(
    command,
    'resume',
    (flags, place?: string) => placeOf(flags, place),
    (reply) => `resumed ${placesText(reply)}`,
  );
}
