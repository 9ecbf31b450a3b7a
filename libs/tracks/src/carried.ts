import type { DraftTrack } from './draft.js';

/**
 * The repositories whose Tickets ride each Track, by its name: those that it subscribes to, and those that a junction
 * brings from another Track.
 */
export function carriedRepositories(tracks: readonly DraftTrack[]): ReadonlyMap<string, ReadonlySet<string>> {
  const carried = new Map<string, Set<string>>();
  for (const { names, repositories } of tracks) {
    for (const { name } of names)
      add(
        carried,
        name,
        repositories.map((each) => each.name),
      );
  }
  // A junction passes on what its Track has been given by another one, so this ends when nothing is new.
  let found = true;
  while (found) {
    found = false;
    for (const { names, stations } of tracks) {
      const own = carried.get(names[0]?.name ?? '') ?? [];
      for (const target of stations.flatMap((station) => station.tracks)) {
        if (carried.has(target.name) && add(carried, target.name, own)) found = true;
      }
    }
  }
  return carried;
}

/** Whether one of the repositories is new for the Track. */
function add(carried: Map<string, Set<string>>, track: string, repositories: Iterable<string>): boolean {
  const known = carried.get(track) ?? new Set();
  const before = known.size;
  for (const each of [...repositories]) known.add(each);
  carried.set(track, known);
  return known.size > before;
}
