import { normaliseRepository } from '@k8sta/contracts';
import type { Command } from 'commander';
import { applicationsFlag, argument } from '../argument.js';

interface Flags {
  readonly applications: string[];
  readonly image?: string[];
}

/** Adds `k8sta tracks suggest`: its exit code is 0 if it proposes a Track, else 1. */
export function addSuggest(tracks: Command): void {
  tracks
    .command('suggest')
    .description('propose a tracks file for the images that Argo CD runs in several environments')
    .requiredOption(...applicationsFlag)
    .option(
      '--image <repositories...>',
      'propose Tracks for these image repositories only, even if they are public images',
      (text: string, before: string[] = []) => [...before, argument(normaliseRepository)(text)],
    )
    .action(async ({ applications, image }: Flags) => {
      const { runSuggest } = await import('./run.js');
      const { code, output } = await runSuggest(applications, image);
      process[code === 0 ? 'stdout' : 'stderr'].write(output);
      process.exitCode = code;
    });
}
