import { type ApplicationRef, applicationKey } from '@k8sta/contracts';
import { type Station, selects, type Track } from '@k8sta/tracks';
import type { Sighting, TrackState } from './state.js';

type Observed = Sighting['observed'];

/** The Station's Applications: those it names, or those that were seen with the labels it selects by. */
export function membersOf(state: TrackState, station: Station): readonly ApplicationRef[] {
  if (!station.matchLabels) return station.applications;
  return Object.values(state.sightings)
    .filter(({ observed, gone }) => !gone && selects(station, observed.labels))
    .map(({ observed: { namespace, name } }) => ({ namespace, name }))
    .sort((a, b) => (applicationKey(a) < applicationKey(b) ? -1 : 1));
}

/** Whether the Track has to know of this Application. One that was selected once is followed on: it may be in flight. */
export function isRidden(track: Track, state: TrackState, observed: Observed): boolean {
  const key = applicationKey(observed);
  return (
    state.sightings[key] !== undefined ||
    track.stations.some(
      (station) =>
        selects(station, observed.labels) ||
        station.applications.some((application) => applicationKey(application) === key),
    )
  );
}

/** Why a Station that selects its Applications has none. */
export function nothingSelected({ name, matchLabels }: Station): string {
  const labels = Object.entries(matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  return `no Application carries the labels ${labels.join(', ')} that ${name} selects by`;
}
