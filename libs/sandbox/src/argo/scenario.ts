import type { Repository } from '../git/repository.js';

/** How an Application behaves from its next change on. Its first deployment is always `healthy`. */
export type Scenario =
  /** Syncs, rolls out, becomes Healthy. */
  | { kind: 'healthy' }
  /** The rollout takes this long. */
  | { kind: 'slow'; rolloutMs: number }
  /** The old Healthy together with the new Synced, with reconciledAt before finishedAt, until a refresh or for `staleMs`; then `truth`. */
  | { kind: 'staleHealth'; staleMs?: number; truth?: 'healthy' | 'degraded' }
  /** The rollout ends Degraded. */
  | { kind: 'degraded' }
  /** The rollout is Degraded for a while and then Healthy. */
  | { kind: 'degradedThenHealed'; degradedMs?: number }
  /** The rollout is Suspended, as a paused Deployment or Rollout is; with `forMs` it continues after that time. */
  | { kind: 'suspended'; forMs?: number }
  /**
   * The API server refuses the manifest in the first `failures` attempts. `limit` is written to spec.syncPolicy.retry. More failures
   * than retries: Failed. During the back-off, which doubles, the phase is Running and finishedAt is set.
   */
  | { kind: 'syncFailsThenRetries'; failures: number; limit?: number; retryMs?: number }
  /** The same, but a PreSync hook fails, before anything is applied. */
  | { kind: 'hookFailsThenRetries'; failures: number; limit?: number; retryMs?: number; hook?: string }
  /** Everything is applied and Healthy, then the PostSync hook fails, and with it the operation. Default limit: 0. */
  | { kind: 'postSyncHookFails'; hook?: string; limit?: number; retryMs?: number }
  /** The new commit cannot be rendered for `forMs`, or until a commit changes the path again. */
  | { kind: 'comparisonError'; forMs?: number }
  /** After the operation Argo CD compares with a stale cache, and self-heal starts a second operation for the revision. */
  | { kind: 'selfHeal' }
  /** The application controller is killed during the sync or the rollout, and is back after `forMs`. */
  | { kind: 'controllerKilled'; during?: 'sync' | 'rollout'; forMs?: number }
  /** A deny window in the AppProject blocks automatic syncs; with `forMs` it is removed that long after it blocked one. */
  | { kind: 'window'; forMs?: number }
  /**
   * Another commit is made before Argo CD sees the new one. With a repository the stand-in makes that commit itself
   * (default: a file that nothing renders); without, it waits until there are two.
   */
  | { kind: 'laterCommitWins'; repository?: Repository; files?: Record<string, string>; message?: string }
  /** Stays OutOfSync until a person syncs it. */
  | { kind: 'autoSyncOff' }
  /** The Application is deleted instead of synced. */
  | { kind: 'deleted' }
  /** No rendered object uses the image: every commit is Synced at once, without an operation. */
  | { kind: 'noRenderedChange' };
