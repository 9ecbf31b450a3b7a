import { refusalOf } from './tag-rule.js';
import type { Subscription, Track } from './track.js';

/** The Tracks on which this image rides. The repository must be normalised. */
export function subscribers(tracks: readonly Track[], repository: string, tag: string): Track[] {
  return tracks.filter((track) => whyNot(track, repository, tag) === undefined);
}

/** A Track that subscribes to the image repository, and why its rule rejects the tag. */
export interface Refusal {
  readonly track: string;
  readonly message: string;
}

/** The Tracks that subscribe to the repository but not to the tag. The repository must be normalised. */
export function refusals(tracks: readonly Track[], repository: string, tag: string): Refusal[] {
  return tracks.flatMap((track) => {
    const rule = subscriptionOf(track, repository)?.tags;
    const message = rule && refusalOf(rule, tag);
    return message === undefined ? [] : [{ track: track.name, message }];
  });
}

/** Why this image does not ride this Track, as a sentence that begins with the Track; undefined if it rides. */
export function whyNot(track: Track, repository: string, tag: string): string | undefined {
  const subscription = subscriptionOf(track, repository);
  if (!subscription) return `${track.name}: does not subscribe to ${repository}`;
  const refusal = refusalOf(subscription.tags, tag);
  return refusal && `${track.name}: tag ${tag} ${refusal}`;
}

/**
 * Why a junction may not open a Ticket of this image on the target, as a sentence; undefined if it may: the target exists,
 * the parent is a junction that names it, and the image rides the parent's Track.
 */
export function whyNotFrom(
  tracks: readonly Track[],
  parent: { readonly track: string; readonly station: string },
  target: string,
  repository: string,
  tag: string,
): string | undefined {
  const track = tracks.find(({ name }) => name === parent.track);
  if (!track) return `${parent.track}: no tracks file has this Track`;
  if (!tracks.some(({ name }) => name === target)) return `${target}: no tracks file has this Track`;
  const station = track.stations.find(({ name }) => name === parent.station);
  if (!station) return `${parent.track}: has no Station ${parent.station}`;
  if (!station.tracks.includes(target)) return `${parent.track}: ${parent.station} does not open Tickets on ${target}`;
  return whyNotCarried(tracks, track, repository, tag);
}

/** As {@link whyNot}, but the image may also reach the Track by the junctions of Tracks on which it rides. */
export function whyNotCarried(
  tracks: readonly Track[],
  track: Track,
  repository: string,
  tag: string,
): string | undefined {
  const [own, ...others] = [track, ...ancestors(tracks, track)].map((each) => whyNot(each, repository, tag));
  return others.includes(undefined) ? undefined : own;
}

/** The images that junctions bring to the Track from other Tracks, the nearest first. */
export function broughtImages(tracks: readonly Track[], track: Track): Subscription[] {
  const images = ancestors(tracks, track).flatMap((each) => each.images);
  return images.filter(({ repository }, at) => images.findIndex((each) => each.repository === repository) === at);
}

/** The Tracks whose junctions open Tickets on this one, and those that open Tickets on them, the nearest first. */
function ancestors(tracks: readonly Track[], track: Track): Track[] {
  const found = new Set([track]);
  // The set grows while it is walked.
  for (const { name } of found) {
    for (const each of tracks) if (each.stations.some((station) => station.tracks.includes(name))) found.add(each);
  }
  return [...found].slice(1);
}

function subscriptionOf(track: Track, repository: string): Subscription | undefined {
  return track.images.find((image) => image.repository === repository);
}
