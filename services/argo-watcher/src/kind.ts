import type { BusEvent } from '@k8sta/contracts';

/** A kind of object that is followed, and how it is published. `Kept` is what is kept of each object. */
export interface Kind<Kept extends Named> {
  /** For the log: `Applications`. */
  readonly plural: string;
  /** The log message when they cannot be followed. */
  readonly unfollowed: string;
  /** Reads what is kept of an object, as Kubernetes sent it, or finds what is wrong with it. */
  read(object: unknown, now: Date): { readonly slice: Kept } | { readonly fault: string };
  compare(previous: Kept | undefined, current: Kept): Comparison;
  observed(slice: Kept): BusEvent;
  /** `resourceVersion` is where it was found gone. Undefined: nothing is published. */
  gone(slice: Kept, resourceVersion: string, now: Date): BusEvent | undefined;
}

export interface Named {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

/** How a slice differs from the one before it. */
export type Comparison =
  /** A decision may differ now. */
  | 'changed'
  /** Newer, but nothing differs that a decision depends on. */
  | 'same'
  /** Older than the known one: dropped. */
  | 'older';
