import type { Repository } from '../git/repository.js';
import type { HealthStatus } from './application.js';
import type { Scenario } from './scenario.js';

export interface RolloutStep {
  health: HealthStatus;
  /** Until the next step. */
  forMs: number;
}

export interface Hook {
  phase: 'PreSync' | 'PostSync';
  name: string;
}

/** A scenario in the terms of the controller. */
export interface Behaviour {
  /** The health after the new state is applied, step by step; the last step stays. */
  rollout: [RolloutStep, ...RolloutStep[]];
  /** How many attempts to sync fail: the hook fails if there is one, else the API server refuses the manifest. */
  failedAttempts: number;
  hook?: Hook;
  /** Replaces the `retry` of the Application's sync policy. */
  retryLimit?: number;
  /** The first back-off. */
  retryMs: number;
  /** How long the old health stays after the operation. */
  staleMs?: number;
  laterCommit?: { repository?: Repository; files: Record<string, string>; message: string };
  unrenderable?: { forMs?: number };
  selfHealsTwice: boolean;
  killed?: { during: 'sync' | 'rollout'; forMs: number };
  window?: { forMs?: number };
  /** Treats every revision as already deployed. */
  ignoresChanges: boolean;
  deletesInstead: boolean;
  autoSync: boolean;
}

/** What the controller does in a scenario; `rolloutMs` is the default duration of a rollout. */
export function behaviourOf(scenario: Scenario, rolloutMs: number): Behaviour {
  const healthy = healthyBehaviour(rolloutMs);
  const rollout = (...steps: RolloutStep[]): Pick<Behaviour, 'rollout'> => ({
    rollout: [{ health: 'Progressing', forMs: rolloutMs }, ...steps],
  });
  switch (scenario.kind) {
    case 'healthy':
      return healthy;
    case 'slow':
      return healthyBehaviour(scenario.rolloutMs);
    case 'staleHealth':
      return {
        ...healthy,
        staleMs: scenario.staleMs ?? 1_500,
        ...(scenario.truth === 'degraded' && rollout(degraded)),
      };
    case 'degraded':
      return { ...healthy, ...rollout(degraded) };
    case 'degradedThenHealed':
      return { ...healthy, ...rollout({ ...degraded, forMs: scenario.degradedMs ?? 500 }, healed) };
    case 'suspended': {
      const suspended = { health: 'Suspended' as const, forMs: scenario.forMs ?? 0 };
      return { ...healthy, ...(scenario.forMs === undefined ? rollout(suspended) : rollout(suspended, healed)) };
    }
    case 'syncFailsThenRetries':
      return { ...healthy, failedAttempts: scenario.failures, ...retries(scenario) };
    case 'hookFailsThenRetries': {
      const hook: Hook = { phase: 'PreSync', name: scenario.hook ?? 'migrate' };
      return { ...healthy, hook, failedAttempts: scenario.failures, ...retries(scenario) };
    }
    case 'postSyncHookFails': {
      const hook: Hook = { phase: 'PostSync', name: scenario.hook ?? 'smoke-test' };
      return { ...healthy, hook, failedAttempts: Number.POSITIVE_INFINITY, ...retries({ limit: 0, ...scenario }) };
    }
    case 'comparisonError':
      return { ...healthy, unrenderable: limited(scenario) };
    case 'selfHeal':
      return { ...healthy, selfHealsTwice: true };
    case 'controllerKilled':
      return { ...healthy, killed: { during: scenario.during ?? 'sync', forMs: scenario.forMs ?? 1_500 } };
    case 'window':
      return { ...healthy, window: limited(scenario) };
    case 'laterCommitWins':
      return { ...healthy, laterCommit: laterCommitOf(scenario) };
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

const healed: RolloutStep = { health: 'Healthy', forMs: 0 };
const degraded: RolloutStep = { health: 'Degraded', forMs: 0 };

function healthyBehaviour(rolloutMs: number): Behaviour {
  return {
    rollout: [{ health: 'Progressing', forMs: rolloutMs }, healed],
    ...{ failedAttempts: 0, retryMs: 200 },
    ...{ ignoresChanges: false, deletesInstead: false, autoSync: true, selfHealsTwice: false },
  };
}

function retries({ limit, retryMs }: { limit?: number; retryMs?: number }) {
  return { ...(limit !== undefined && { retryLimit: limit }), ...(retryMs !== undefined && { retryMs }) };
}

function limited({ forMs }: { forMs?: number }): { forMs?: number } {
  return forMs === undefined ? {} : { forMs };
}

function laterCommitOf({ repository, files, message }: Extract<Scenario, { kind: 'laterCommitWins' }>) {
  return {
    ...(repository && { repository }),
    files: files ?? { 'NOTES.md': 'A line by another person.\n' },
    message: message ?? 'Add a note',
  };
}
