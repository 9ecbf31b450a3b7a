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

function subscriptionOf(track: Track, repository: string): Subscription | undefined {
  return track.images.find((image) => image.repository === repository);
}
