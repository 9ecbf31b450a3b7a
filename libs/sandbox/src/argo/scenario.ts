import type { Repository } from '../git/repository.js';

/** How an Application behaves from its next change on. Its first deployment is always `healthy`. */
export type Scenario =
  /** Syncs, rolls out, becomes Healthy. */
  | { kind: 'healthy' }
  /** The rollout takes this long. */
  | { kind: 'slow'; rolloutMs: number }
  /** The old Healthy beside the new Synced, with reconciledAt before finishedAt, until a refresh or for `staleMs`; then the truth. */
  | { kind: 'staleHealth'; staleMs?: number; truth?: 'healthy' | 'degraded' }
  /** The rollout ends Degraded. */
  | { kind: 'degraded' }
  /** The rollout is Degraded for a while and then Healthy. */
  | { kind: 'degradedThenHealed'; degradedMs?: number }
  /** The rollout is Suspended, as a paused Deployment or Rollout is; with `forMs` it goes on after that. */
  | { kind: 'suspended'; forMs?: number }
  /**
   * The API server refuses the manifest in so many attempts. `limit` is written to spec.syncPolicy.retry. More failures
   * than retries: Failed. During the back-off, which doubles, the phase is Running and finishedAt is set.
   */
  | { kind: 'syncFailsThenRetries'; failures: number; limit?: number; retryMs?: number }
  /** The same, but a PreSync hook fails, before anything is applied. */
  | { kind: 'hookFailsThenRetries'; failures: number; limit?: number; retryMs?: number; hook?: string }
  /** Everything is applied and Healthy, then the PostSync hook fails, and with it the operation. Default limit: 0. */
  | { kind: 'postSyncHookFails'; hook?: string; limit?: number; retryMs?: number }
  /** The new commit cannot be rendered; with `forMs` it can after that, else once a commit changes the path again. */
  | { kind: 'comparisonError'; forMs?: number }
  /** After the operation Argo CD compares with a stale cache, and self-heal starts a second operation of the revision. */
  | { kind: 'selfHeal' }
  /** The application controller is killed in mid-sync or during the rollout, and looks again after `forMs`. */
  | { kind: 'controllerKilled'; during?: 'sync' | 'rollout'; forMs?: number }
  /** A deny window in the AppProject blocks automatic syncs; with `forMs` it is taken away that long after it blocked one. */
  | { kind: 'window'; forMs?: number }
  /**
   * Before Argo CD looks at a new commit somebody else has made another. With a repository the stand-in makes that
   * commit itself (default: a file that nothing renders); without, it waits until there are two.
   */
  | { kind: 'laterCommitWins'; repository?: Repository; files?: Record<string, string>; message?: string }
  /** Stays OutOfSync until somebody syncs it. */
  | { kind: 'autoSyncOff' }
  /** The Application is deleted instead of synced. */
  | { kind: 'deleted' }
  /** Nothing that is rendered uses the image: every commit is Synced at once, without an operation. */
  | { kind: 'noRenderedChange' };
