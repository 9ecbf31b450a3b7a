import { sanitizeLine } from '@k8sta/text';
import { carriedRepositories } from './carried.js';
import { type DraftTrack, type Naming, positionOf } from './draft.js';
import type { Fault } from './fault.js';

/** Finds names that are used more than once where they may be used only once. */
export function findDuplicates(tracks: readonly DraftTrack[]): Fault[] {
  return [
    ...repeated(
      'Track',
      tracks.flatMap(({ names }) => names),
    ),
    ...tracks.flatMap(({ stations, repositoriesAndAliases }) => [
      ...repeated(
        'Station',
        stations.flatMap(({ names }) => names),
      ),
      ...repeated(
        'Application',
        stations.flatMap(({ applications }) => applications),
      ),
      ...repeated('image repository', repositoriesAndAliases),
      ...stations.flatMap((station) => [
        ...repeated('Track', station.tracks),
        ...repeated('Station', station.after),
        ...repeated(
          'check',
          station.checks.flatMap(({ names }) => names),
        ),
      ]),
    ]),
  ];
}

/**
 * Finds Applications that two Tracks name for one image repository, whether they subscribe to it or a junction brings it:
 * both would commit their tag to the same files, the second perhaps to production before the first. An Application that one
 * Track names twice is a duplicate instead.
 */
export function findContested(tracks: readonly DraftTrack[]): Fault[] {
  const firsts = new Map<string, { readonly track: string; readonly naming: Naming }>();
  const carried = carriedRepositories(tracks);
  return tracks.flatMap(({ names, repositories, stations }) => {
    // `findDuplicates` already reports a Track that is named twice.
    const track = names[0]?.name ?? '';
    const rides = carried.get(track) ?? repositories.map(({ name }) => name);
    return stations
      .flatMap(({ applications }) => applications)
      .flatMap((naming): Fault[] => {
        const contested = [...rides].flatMap((repository) => {
          const key = `${repository} ${naming.name}`;
          const first = firsts.get(key);
          if (!first) firsts.set(key, { track, naming });
          return first && first.track !== track ? [{ repository, first }] : [];
        });
        // One fault for each place, even if the two Tracks share several repositories.
        return contested.slice(0, 1).map(({ repository, first }) => {
          const message = `the Application "${sanitizeLine(naming.name, 100)}" is already on the Track "${sanitizeLine(first.track, 63)}" at ${positionOf(first.naming)} for ${repository}: one Track promotes an image into an Application`;
          return naming.source.faultAt(naming.path, message);
        });
      });
  });
}

function repeated(what: string, namings: readonly Naming[]): Fault[] {
  const firsts = new Map<string, Naming>();
  return namings.flatMap((naming) => {
    const first = firsts.get(naming.name);
    if (!first) {
      firsts.set(naming.name, naming);
      return [];
    }
    const message = `the ${what} "${sanitizeLine(naming.name, 100)}" is already named at ${positionOf(first)}`;
    return [naming.source.faultAt(naming.path, message)];
  });
}
