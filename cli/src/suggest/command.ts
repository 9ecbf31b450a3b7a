import { normaliseRepository } from '@k8sta/contracts';
import { type Command, InvalidArgumentError } from 'commander';
import { PlanFault } from '../plan/fault.js';
import { readApplications } from '../plan/read-applications.js';
import { suggest } from './suggest.js';
import { leftOutLines, writeTracksFile } from './write.js';

interface Flags {
  readonly applications: string[];
  readonly image?: string[];
}

/** Adds `k8sta tracks suggest`: its exit code is 0 if it proposes a Track, else 1. */
export function addSuggest(tracks: Command): void {
  tracks
    .command('suggest')
    .description('propose a tracks file for the images that Argo CD runs in several environments')
    .requiredOption(
      '--applications <files...>',
      'files of Argo CD Applications, as `kubectl get applications --all-namespaces --output yaml` prints them; - is stdin',
    )
    .option(
      '--image <repositories...>',
      'propose Tracks for these image repositories only, even if they are public images',
      (text: string, before: string[] = []) => [...before, repositoryOf(text)],
    )
    .action(async ({ applications, image }: Flags) => {
      const { code, output } = await run(applications, image);
      process[code === 0 ? 'stdout' : 'stderr'].write(output);
      process.exitCode = code;
    });
}

async function run(files: readonly string[], images?: readonly string[]): Promise<{ code: 0 | 1; output: string }> {
  try {
    const suggestion = suggest(await readApplications(files, new Date()), images);
    if (suggestion.tracks.length > 0) return { code: 0, output: writeTracksFile(suggestion) };
    const lines = ['no image runs in several environments', ...leftOutLines(suggestion.leftOut)];
    return { code: 1, output: `${lines.join('\n')}\n` };
  } catch (error) {
    if (!(error instanceof PlanFault)) throw error;
    return { code: 1, output: `${error.faults.join('\n')}\n` };
  }
}

function repositoryOf(text: string): string {
  try {
    return normaliseRepository(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}
