import type { BusEvent } from '@k8sta/contracts';

/** What is followed, and what the bus is told of it. `Kept` is as much as is kept of each object. */
export interface Kind<Kept extends Named> {
  /** In the words of a log: `Applications`. */
  readonly plural: string;
  /** What a person reads when they cannot be followed. */
  readonly unfollowed: string;
  /** Cuts out of an object, as Kubernetes sent it, what is kept; or what is wrong with it. */
  read(object: unknown, now: Date): { readonly slice: Kept } | { readonly fault: string };
  compare(previous: Kept | undefined, current: Kept): Comparison;
  observed(slice: Kept): BusEvent;
  /** `resourceVersion` is where it was found gone. Undefined: nobody has to be told. */
  gone(slice: Kept, resourceVersion: string, now: Date): BusEvent | undefined;
}

export interface Named {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

/** How a slice stands to the one before it. */
export type Comparison =
  /** Somebody may decide differently now. */
  | 'changed'
  /** Newer, but nothing that a decision is made from differs. */
  | 'same'
  /** From before the one that is known: to be dropped. */
  | 'older';
