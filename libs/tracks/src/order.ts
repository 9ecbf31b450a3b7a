import type { WrittenTrack } from './schema.js';
import type { Track } from './track.js';

/**
 * Fills in what "newer" means where a Track does not say it: versions, unless a tag rule is a pattern, which accepts tags
 * that have no version. Tickets that a junction opens have passed the rule of the junction's Track.
 */
export function withOrder(tracks: readonly WrittenTrack[]): Track[] {
  return tracks.map((track) => ({ ...track, order: track.order ?? orderOf(track, tracks) }));
}

function orderOf(track: WrittenTrack, tracks: readonly WrittenTrack[], seen = new Set<WrittenTrack>()): Track['order'] {
  // Junctions that form a circle are a fault, and somebody else reports it.
  if (seen.has(track)) return 'semver';
  seen.add(track);
  if (track.order) return track.order;
  if (track.images.some(({ tags }) => tags.is === 'pattern')) return 'push';
  const parents = tracks.filter(({ stations }) => stations.some((station) => station.tracks.includes(track.name)));
  return parents.some((parent) => orderOf(parent, tracks, seen) === 'push') ? 'push' : 'semver';
}
