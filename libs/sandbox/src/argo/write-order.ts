/**
 * Argo CD's comparison, its operation and its watch of the cluster write one object independently of each other, so
 * that the order of some writes differs from sync to sync.
 */
export interface WriteOrder {
  /** The operation's Running comes before the comparison's OutOfSync. */
  isRunningFirst: boolean;
  /** Synced and the new health come by an event of the cluster, and reconciledAt follows in a write of its own. */
  isReconciledLater: boolean;
}

/** Takes turns, so that whoever watches sees each order. `sync` counts the operations of an Application from 0. */
export function alternatingOrder(sync: number): WriteOrder {
  return { isRunningFirst: sync % 2 === 1, isReconciledLater: sync % 4 >= 2 };
}
