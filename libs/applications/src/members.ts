import { type ApplicationRef, applicationKey } from '@k8sta/contracts';
import { type Station, selects, type Track } from '@k8sta/tracks';
import type { Observations, Observed } from './observed.js';

/** The Station's Applications: those that it names, or those observed with the labels that it selects. */
export function membersOf(observations: Observations, station: Station): readonly ApplicationRef[] {
  if (!station.matchLabels) return station.applications;
  return Object.values(observations)
    .filter(({ observed, gone }) => !gone && selects(station, observed.labels))
    .map(({ observed: { namespace, name } }) => ({ namespace, name }))
    .sort((a, b) => (applicationKey(a) < applicationKey(b) ? -1 : 1));
}

/** Whether the Track needs this Application. One that was selected before stays: it may be in flight. */
export function isRelevant(track: Track, observations: Observations, observed: Observed): boolean {
  const key = applicationKey(observed);
  return (
    observations[key] !== undefined ||
    track.stations.some(
      (station) =>
        selects(station, observed.labels) ||
        station.applications.some((application) => applicationKey(application) === key),
    )
  );
}

/**
 * Why an Application that is in flight no longer belongs to a Station that selects by labels; undefined while it does, also
 * without the labels.
 */
export function whyLeft(
  { name, matchLabels }: Station,
  observation: { readonly gone: boolean } | undefined,
): string | undefined {
  if (!matchLabels || !observation?.gone) return undefined;
  return `the Application was deleted after our commit; ${name} continues without it`;
}

/** Why a Station that selects its Applications has none. */
export function nothingSelected({ name, matchLabels }: Station): string {
  const labels = Object.entries(matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  return `no Application carries the labels ${labels.join(', ')} that ${name} selects by`;
}
