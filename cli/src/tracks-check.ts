import { formatFault, loadTracks, TracksError } from '@k8sta/tracks';

/** What `k8sta tracks check` prints, and its exit code: 0 if the services would start with these files, else 1. */
export async function checkTracks(files: readonly string[]): Promise<{ code: 0 | 1; output: string }> {
  try {
    const tracks = await loadTracks(files);
    const lines = tracks.map(
      ({ name, stations }) => `${name}: ${stations.map((station) => station.name).join(' -> ')}`,
    );
    return { code: 0, output: `${lines.join('\n')}\n${count(tracks.length, 'Track')}, no faults\n` };
  } catch (error) {
    if (!(error instanceof TracksError)) throw error;
    const { faults } = error;
    return { code: 1, output: `${faults.map(formatFault).join('\n')}\n${count(faults.length, 'fault')}\n` };
  }
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
