import type { Command } from 'commander';
import { examples, fieldOf, says } from '../speak.js';

export function addPromote(program: Command): void {
  const command = program
    .command('promote')
    .description('open a Ticket for an image, also for one that has ridden before')
    .argument('<track>', 'the Track')
    .argument('<image>', 'repository:tag, or repository:tag@digest')
    .option('--station <station>', 'where the Ticket starts; default: the first Station')
    .option('--force', "waive the Track's rule for tags; never the repository");
  examples(
    command,
    'promote storefront ghcr.io/acme/storefront:1.4.2',
    'promote storefront ghcr.io/acme/storefront:hotfix-7 --force --station stage -m "fixes the outage"',
  );
  says(
    command,
    'promote',
    (flags, track: string, image: string) => ({
      ...{ track, image },
      ...fieldOf(flags, 'station'),
      ...(flags['force'] === true && { force: true }),
    }),
    ({ ticket, track, station }) => `opened Ticket ${ticket} at ${station ?? 'the first Station'} of ${track}`,
  );
}
