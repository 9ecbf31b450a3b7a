import { didYouMean, sanitizeLine } from '@k8sta/text';
import { carriedRepositories } from './carried.js';
import { type DraftStation, type DraftTrack, type Item, type Naming, positionOf } from './draft.js';
import type { Fault } from './fault.js';

/** Finds what is wrong with the names by which Tracks refer to each other, and Stations to Stations. */
export function findBrokenLinks(tracks: readonly DraftTrack[]): Fault[] {
  const byName = namedTracks(tracks);
  const targets = new Set(tracks.flatMap(({ stations }) => stations.flatMap((station) => station.tracks)).map(nameOf));
  return tracks.flatMap((track) => [
    ...withoutImages(track, targets),
    ...track.stations.flatMap((station, at) => [
      ...station.tracks.flatMap((target) => brokenTarget(track, target, byName)),
      ...station.after.flatMap((stop) => unknownStop(stop, byName)),
      ...brokenChecks(track, station, at),
    ]),
  ]);
}

/** Finds junctions that would open Tickets for an image to which their target subscribes, too. */
export function findSubscribedTargets(tracks: readonly DraftTrack[]): Fault[] {
  const byName = namedTracks(tracks);
  const carried = carriedRepositories(tracks);
  return tracks.flatMap((track) => {
    const own = carried.get(track.names[0]?.name ?? '') ?? new Set();
    return track.stations
      .flatMap((station) => station.tracks)
      .flatMap((target) => {
        const subscribed = byName.get(target.name)?.repositories.find(({ name }) => own.has(name));
        if (!subscribed) return [];
        const message = `this junction opens Tickets of ${subscribed.name} on the Track ${quoted(target.name)}, which subscribes to it itself at ${positionOf(subscribed)}; remove one of the two`;
        return [faultAt(target, message)];
      });
  });
}

/** Finds gates that wait for an image at a Station of a Track on which it never rides. */
export function findUncarried(tracks: readonly DraftTrack[]): Fault[] {
  const carried = carriedRepositories(tracks);
  return tracks.flatMap(({ names, stations }) => {
    const own = [...(carried.get(names[0]?.name ?? '') ?? [])];
    return stations
      .flatMap(({ after }) => after)
      .flatMap((stop) => {
        const [name = ''] = stop.name.split('/');
        const missing = own.find((repository) => !carried.get(name)?.has(repository));
        if (missing === undefined) return [];
        return [
          faultAt(stop, `${missing} never rides the Track ${quoted(name)}, so this gate would never open for it`),
        ];
      });
  });
}

/** The first Track of each name, in their order. */
export function namedTracks(tracks: readonly DraftTrack[]): ReadonlyMap<string, DraftTrack> {
  const byName = new Map<string, DraftTrack>();
  for (const track of tracks) for (const { name } of track.names) if (!byName.has(name)) byName.set(name, track);
  return byName;
}

function withoutImages(track: DraftTrack, targets: ReadonlySet<string>): Fault[] {
  if (!track.leavesOutImages || track.names.some(({ name }) => targets.has(name))) return [];
  return [faultAt(track, 'a Track needs "images", or a junction that names it')];
}

function brokenTarget(track: DraftTrack, target: Naming, byName: ReadonlyMap<string, DraftTrack>): Fault[] {
  const found = byName.get(target.name);
  if (!found) return [faultAt(target, unknownTrack(target.name, byName))];
  return found === track ? [faultAt(target, 'a junction must not name its own Track')] : [];
}

function unknownStop(stop: Naming, byName: ReadonlyMap<string, DraftTrack>): Fault[] {
  const [name = '', station, ...more] = stop.name.split('/');
  // The schema already reports what does not have this form.
  if (!name || !station || more.length > 0) return [];
  const track = byName.get(name);
  if (!track) return [faultAt(stop, unknownTrack(name, byName))];
  const stations = track.stations.flatMap(({ names }) => names).map(nameOf);
  if (stations.includes(station)) return [];
  const hint = didYouMean(station, stations);
  return [faultAt(stop, `the Track ${quoted(name)} has no Station ${quoted(station)}${hint}`)];
}

function unknownTrack(name: string, byName: ReadonlyMap<string, DraftTrack>): string {
  return `no tracks file has a Track ${quoted(name)}${didYouMean(name, [...byName.keys()])}`;
}

function brokenChecks(track: DraftTrack, { checks }: DraftStation, at: number): Fault[] {
  const names = track.stations.map((each) => each.names[0]?.name ?? '');
  const earlier = names.slice(0, at);
  return checks.flatMap((check) => {
    if (at === 0)
      return [faultAt(check, 'the first Station cannot have a check: there is no Station before it to check')];
    return check.of
      .filter(({ name }) => !earlier.includes(name))
      .map((of) => {
        const hint = names.includes(of.name) ? '' : didYouMean(of.name, earlier);
        return faultAt(of, `"of" must be an earlier Station of this Track, which ${quoted(of.name)} is not${hint}`);
      });
  });
}

function nameOf({ name }: Naming): string {
  return name;
}

function quoted(name: string): string {
  return `"${sanitizeLine(name, 63)}"`;
}

function faultAt({ source, path }: Item, message: string): Fault {
  return source.faultAt(path, message);
}
