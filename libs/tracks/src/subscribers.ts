import { refusalOf } from './tag-rule.js';
import type { Track } from './track.js';

/** The Tracks on which this image rides. The repository must be in its normalised spelling. */
export function subscribers(tracks: readonly Track[], repository: string, tag: string): Track[] {
  return tracks.filter((track) => whyNot(track, repository, tag) === undefined);
}

/** Why this image does not ride this Track, as a sentence that begins with the Track; undefined when it does. */
export function whyNot(track: Track, repository: string, tag: string): string | undefined {
  const subscription = track.images.find((image) => image.repository === repository);
  if (!subscription) {
    return `${track.name}: subscribes to ${track.images.map((image) => image.repository).join(', ')}, not to ${repository}`;
  }
  const refusal = refusalOf(subscription.tags, tag);
  return refusal && `${track.name}: tag ${tag} ${refusal}`;
}
