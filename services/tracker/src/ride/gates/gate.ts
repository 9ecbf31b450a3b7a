import type { Station } from '@k8sta/tracks';
import type { Situation, Step } from '../step.js';

/** A Ticket before the Station that it wants to enter. */
export interface Entry extends Situation<'waiting'> {
  readonly station: Station;
}

/** A reason why a Ticket may not enter a Station yet. */
export interface Gate {
  readonly name: string;
  /** An operator's word lets a Ticket pass it (`express`). */
  readonly isPassable?: boolean;
  /** Undefined while the gate is open: otherwise why it is closed and until when, or how the Ticket ends at it. */
  check(entry: Entry): Step | undefined;
}
