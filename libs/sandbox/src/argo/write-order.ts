/**
 * Argo CD's comparison, its operation and its watch of the cluster write one object independently of each other, so
 * that the order of some writes differs from sync to sync.
 */
export interface WriteOrder {
  /** The operation's Running comes before the comparison's OutOfSync. */
  isRunningFirst: boolean;
  /** An event of the cluster writes Synced and the new health, and a separate write of reconciledAt follows. */
  isReconciledLater: boolean;
}

/** Alternates the orders, so that a watcher sees each of them. `sync` counts the operations of an Application from 0. */
export function alternatingOrder(sync: number): WriteOrder {
  return { isRunningFirst: sync % 2 === 1, isReconciledLater: sync % 4 >= 2 };
}
