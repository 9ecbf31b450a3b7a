import type { DataOf, Ticket } from '@k8sta/contracts';
import type { Track } from '@k8sta/tracks';
import type { Pauses } from './pauses.js';

/** An operator's word, with its place in the stream. */
export type Word = DataOf<'operator.word'> & { readonly sequence: number };

/** What the board shows: the configured Tracks, and the current Tickets and Applications on the bus. */
export interface Facts {
  readonly tracks: readonly Track[];
  /** By `<track>.<id>`. */
  readonly tickets: ReadonlyMap<string, Ticket>;
  /** By `namespace/name`; undefined for one that is gone. */
  readonly applications: ReadonlyMap<string, DataOf<'application.observed'> | undefined>;
  /** By Track: the findings of the last check. */
  readonly findings: ReadonlyMap<string, DataOf<'track.checked'>['findings']>;
  /** The last words of operators, oldest first. */
  readonly words?: readonly Word[];
  readonly pauses?: Pauses;
  /** Since when the connection to the bus is lost; undefined while it is up. */
  readonly disconnectedSince?: Date | undefined;
}
