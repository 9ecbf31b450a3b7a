import type { DataOf, Ticket } from '@k8sta/contracts';
import type { Track } from '@k8sta/tracks';

/** What the board is drawn from: the lines, and what the bus last said of the trains and of the stops. */
export interface Facts {
  readonly tracks: readonly Track[];
  /** By `<track>.<id>`. */
  readonly tickets: ReadonlyMap<string, Ticket>;
  /** By `namespace/name`; undefined for one that is gone. */
  readonly applications: ReadonlyMap<string, DataOf<'application.observed'> | undefined>;
  /** By Track: what was last found wrong with it. */
  readonly findings: ReadonlyMap<string, DataOf<'track.checked'>['findings']>;
}
