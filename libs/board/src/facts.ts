import type { DataOf, Ticket } from '@k8sta/contracts';
import type { Track } from '@k8sta/tracks';

/** What the board shows: the configured Tracks, and the latest that the bus says about Tickets and Applications. */
export interface Facts {
  readonly tracks: readonly Track[];
  /** By `<track>.<id>`. */
  readonly tickets: ReadonlyMap<string, Ticket>;
  /** By `namespace/name`; undefined for one that is gone. */
  readonly applications: ReadonlyMap<string, DataOf<'application.observed'> | undefined>;
  /** By Track: what the last check found wrong with it. */
  readonly findings: ReadonlyMap<string, DataOf<'track.checked'>['findings']>;
  /** Since when there is no connection to the bus; undefined while there is one. */
  readonly disconnectedSince?: Date | undefined;
}
