import type { Flags } from './connect.js';
import { UsageError } from './exit-code.js';

/** `<track>` or `<track>/<station>` as the fields of a request; neither with `--all`. */
export function placeOf(flags: Flags, place: string | undefined): { track?: string; station?: string } {
  const isAll = flags['all'] === true;
  if (isAll === (place !== undefined)) throw new UsageError('name a Track or a Station, or give --all');
  return place === undefined ? {} : splitPlace(place);
}

/** `<track>/<station>`; without a "/", the Track alone. */
export function splitPlace(place: string): { track: string; station?: string } {
  const [track = '', station, ...rest] = place.split('/');
  if (rest.length > 0) throw new UsageError(`"${place}" is not of the form <track> or <track>/<station>`);
  return station === undefined ? { track } : { track, station };
}

/** What a word was about: a Track, one of its Stations, or so many Tracks. */
export function placesText({
  track,
  station,
  tracks,
}: {
  track?: string | undefined;
  station?: string | undefined;
  tracks?: number | undefined;
}): string {
  if (tracks !== undefined) return `${tracks} ${tracks === 1 ? 'Track' : 'Tracks'}`;
  return [track, station].filter((part) => part !== undefined).join('/');
}
