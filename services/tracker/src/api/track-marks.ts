import type { Ticket } from '@k8sta/contracts';
import type { Track } from '@k8sta/tracks';
import { changeByPerson } from '../ride/standing.js';
import type { Pause, TrackState } from '../ride/state.js';
import { mayBeSame } from './tickets.js';

/** Who paused the whole Track, or this Station, since when, and why. */
export function pauseOf({ pauses }: TrackState, station = ''): (Pause & { by: string }) | undefined {
  const pause = pauses[station];
  return pause?.by === undefined ? undefined : { ...pause, by: pause.by };
}

/** What is paused of the Track: its Stations, or the whole of it. */
export function pausedPlaces({ name }: Track, state: TrackState): string[] {
  return Object.keys(state.pauses)
    .filter((station) => pauseOf(state, station))
    .map((station) => (station === '' ? `the Track ${name}` : `${name}/${station}`));
}

/** The Stations that a person took back, so that Tickets wait there. */
export function heldByPerson({ stations }: Track, { lanes }: TrackState): string[] {
  const isHeld = (name: string) =>
    Object.values(lanes).some(({ standing: { [name]: there } }) => there && changeByPerson(there) !== undefined);
  return stations.flatMap(({ name }) => (isHeld(name) ? name : []));
}

/** The image to which an operator takes the Station back: what arrived there last before what is there now. */
export function earlierArrival({ lanes }: TrackState, station: string): Ticket['image'] | undefined {
  const candidates = Object.values(lanes).flatMap(({ arrivals, standing }) => {
    const there = standing[station]?.image;
    const earlier = arrivals[station]?.find(({ image }) => !there || !mayBeSame(image, there));
    return earlier ? [{ earlier, last: arrivals[station]?.[0]?.at ?? '' }] : [];
  });
  // A Track may have several images: the one that arrived last is the one that troubles the Station.
  const [newest] = candidates.sort((a, b) => (a.last < b.last ? 1 : -1));
  if (!newest) return undefined;
  const { repository, tag, digest } = newest.earlier.image;
  return { repository, tag, ...(digest !== undefined && { digest }) };
}
