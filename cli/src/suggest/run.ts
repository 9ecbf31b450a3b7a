import { PlanFault } from '../plan/fault.js';
import { readApplications } from '../plan/read-applications.js';
import { suggest } from './suggest.js';
import { whyNothing, writeTracksFile } from './write.js';

/** Prints a tracks file, or why there is none. */
export async function runSuggest(
  files: readonly string[],
  images?: readonly string[],
): Promise<{ code: 0 | 1; output: string }> {
  try {
    const suggestion = suggest(await readApplications(files, new Date()), images);
    if (suggestion.tracks.length > 0) return { code: 0, output: writeTracksFile(suggestion) };
    return { code: 1, output: whyNothing(suggestion) };
  } catch (error) {
    if (!(error instanceof PlanFault)) throw error;
    return { code: 1, output: `${error.faults.join('\n')}\n` };
  }
}
