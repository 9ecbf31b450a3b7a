import type { Repository } from '../git/repository.js';
import type { HealthStatus } from './application.js';

/** How an Application behaves from its next change on. What it does before its first deployment is always `healthy`. */
export type Scenario =
  /** Syncs, rolls out, becomes Healthy. */
  | { kind: 'healthy' }
  /** The rollout takes this long. */
  | { kind: 'slow'; rolloutMs: number }
  /** The old Healthy beside the new Synced, with reconciledAt before finishedAt, until a refresh or for `staleMs`; then the truth. */
  | { kind: 'staleHealth'; staleMs?: number; truth?: 'healthy' | 'degraded' }
  /** The rollout ends Degraded. */
  | { kind: 'degraded'; message?: string }
  /** The rollout is Degraded for a while and then Healthy. */
  | { kind: 'degradedThenHealed'; degradedMs?: number }
  /** So many attempts fail; `limit` retries are made. More failures than retries: Failed. While it waits: Running with finishedAt. */
  | { kind: 'syncFailsThenRetries'; failures: number; limit?: number; retryMs?: number }
  /** All is applied and Healthy, then the PostSync hook fails, and with it the operation. */
  | { kind: 'postSyncHookFails'; hook?: string }
  /**
   * Before Argo CD looks at a new commit somebody else has made another. With a repository the stand-in makes that
   * commit itself (default: a file that nothing renders); without, it waits until there are two.
   */
  | { kind: 'laterCommitWins'; repository?: Repository; files?: Record<string, string>; message?: string }
  /** Stays OutOfSync until somebody syncs it. */
  | { kind: 'autoSyncOff' }
  /** The Application is deleted instead of synced. */
  | { kind: 'deleted' }
  /** Nothing that is rendered uses the image: whatever is committed is Synced at once, without an operation. */
  | { kind: 'noRenderedChange' };

export interface RolloutStep {
  health: HealthStatus;
  message?: string;
  /** Until the next step. */
  forMs: number;
}

/** A scenario in the terms of the controller. */
export interface Behaviour {
  /** The health after the new state is applied, step by step; the last one stays. */
  rollout: [RolloutStep, ...RolloutStep[]];
  /** How many attempts to sync fail. */
  failedAttempts: number;
  retryLimit: number;
  retryMs: number;
  /** The name of the PostSync hook that fails. */
  failingHook?: string;
  /** How long the health stays the old one after the operation. */
  staleMs?: number;
  laterCommit?: { repository?: Repository; files: Record<string, string>; message: string };
  /** Takes any revision for what already runs. */
  ignoresChanges: boolean;
  deletesInstead: boolean;
  autoSync: boolean;
}

/** What the controller does by a scenario; `rolloutMs` is how long a rollout takes where the scenario does not say. */
export function behaviourOf(scenario: Scenario, rolloutMs: number): Behaviour {
  const healthy = healthyBehaviour(rolloutMs);
  const degraded = rolloutTo({ health: 'Degraded', message: deadlineExceeded, forMs: 0 }, rolloutMs);
  switch (scenario.kind) {
    case 'healthy':
      return healthy;
    case 'slow':
      return healthyBehaviour(scenario.rolloutMs);
    case 'staleHealth':
      return {
        ...healthy,
        staleMs: scenario.staleMs ?? 1_500,
        ...(scenario.truth === 'degraded' && { rollout: degraded }),
      };
    case 'degraded': {
      const message = scenario.message ?? deadlineExceeded;
      return { ...healthy, rollout: rolloutTo({ health: 'Degraded', message, forMs: 0 }, rolloutMs) };
    }
    case 'degradedThenHealed': {
      const relapse = { health: 'Degraded' as const, message: deadlineExceeded, forMs: scenario.degradedMs ?? 500 };
      return { ...healthy, rollout: [...rolloutTo(relapse, rolloutMs), { health: 'Healthy', forMs: 0 }] };
    }
    case 'syncFailsThenRetries':
      return {
        ...healthy,
        failedAttempts: scenario.failures,
        retryLimit: scenario.limit ?? 5,
        retryMs: scenario.retryMs ?? 200,
      };
    case 'postSyncHookFails':
      return { ...healthy, failingHook: scenario.hook ?? 'smoke-test' };
    case 'laterCommitWins':
      return {
        ...healthy,
        laterCommit: {
          ...(scenario.repository && { repository: scenario.repository }),
          files: scenario.files ?? { 'NOTES.md': 'A line by somebody else.\n' },
          message: scenario.message ?? 'Add a note',
        },
      };
    case 'autoSyncOff':
      return { ...healthy, autoSync: false };
    case 'deleted':
      return { ...healthy, deletesInstead: true };
    case 'noRenderedChange':
      return { ...healthy, ignoresChanges: true };
    default:
      return scenario satisfies never;
  }
}

const deadlineExceeded = 'Deployment exceeded its progress deadline';

function healthyBehaviour(rolloutMs: number): Behaviour {
  return {
    rollout: rolloutTo({ health: 'Healthy', forMs: 0 }, rolloutMs),
    ...{ failedAttempts: 0, retryLimit: 5, retryMs: 200 },
    ...{ ignoresChanges: false, deletesInstead: false, autoSync: true },
  };
}

function rolloutTo(end: RolloutStep, rolloutMs: number): [RolloutStep, ...RolloutStep[]] {
  const message = 'Waiting for rollout to finish: 1 old replicas are pending termination...';
  return [{ health: 'Progressing', message, forMs: rolloutMs }, end];
}
