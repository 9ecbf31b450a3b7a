import type { DataOf } from '@k8sta/contracts';

/** A pause that no operator has ended. */
export interface Pause {
  readonly by: string;
  readonly message?: string | undefined;
  readonly since: string;
}

/** By {@link pauseKey}. */
export type Pauses = ReadonlyMap<string, Pause>;

/** The key of the pause of a Station, or of the whole Track. */
export function pauseKey(track: string, station?: string): string {
  return station === undefined ? track : `${track}/${station}`;
}

/**
 * Applies a word to the pauses, as the tracker does. The words come in the order of their stream, which keeps them for 30 days:
 * the tracker still knows an older pause, the board does not.
 */
export function applyToPauses(pauses: Map<string, Pause>, word: DataOf<'operator.word'>): void {
  const key = pauseKey(word.track, word.station);
  if (word.verb === 'pause') pauses.set(key, { by: word.by, message: word.message, since: word.at });
  if (word.verb === 'resume') pauses.delete(key);
}
