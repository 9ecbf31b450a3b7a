import { createHash } from 'node:crypto';

/** Which replica decides for each Track. A hint only: every save is a compare-and-set, whoever makes it. */
export interface Owners {
  /** Undefined while there is no replica. */
  ownerOf(track: string): string | undefined;
  isOurs(track: string): boolean;
}

/**
 * Rendezvous hashing: each replica has a weight for each Track, and the highest one owns it. All replicas that know the same ones
 * agree without a word, and when one comes or goes, only its own Tracks change their owner.
 */
export function highestOf(track: string, replicas: readonly string[]): string | undefined {
  let highest: { readonly replica: string; readonly weight: string } | undefined;
  for (const replica of replicas) {
    const weight = createHash('sha256').update(`${track}\n${replica}`).digest('hex');
    if (!highest || weight > highest.weight) highest = { replica, weight };
  }
  return highest?.replica;
}

/** `living` returns the same list until it changes. */
export function owners(self: string, living: () => readonly string[]): Owners {
  let known: { readonly replicas: readonly string[]; readonly byTrack: Map<string, string | undefined> } | undefined;
  const ownerOf = (track: string): string | undefined => {
    const replicas = living();
    if (replicas.length <= 1) return replicas[0];
    if (known?.replicas !== replicas) known = { replicas, byTrack: new Map() };
    const owner = known.byTrack.get(track) ?? highestOf(track, replicas);
    known.byTrack.set(track, owner);
    return owner;
  };
  return { ownerOf, isOurs: (track) => ownerOf(track) === self };
}
