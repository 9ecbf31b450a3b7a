import type { Scenario } from './argo/scenario.js';
import type { Line } from './line.js';

/** A scenario by name, for the demo and the tests: how the Application behaves, and how the ride ends. */
export interface NamedScenario {
  readonly name: string;
  /** One sentence about what a person sees in Argo CD. */
  readonly what: string;
  readonly scenario: Scenario;
  /** How the repository names the image. */
  readonly layout?: Line['layout'];
  /** `waiting`: nothing happens until a person acts. */
  readonly ends: 'completed' | 'failed' | 'waiting';
  /** The message of a ride that does not end `completed`. */
  readonly message?: RegExp;
}

export const scenarios: readonly NamedScenario[] = [
  { name: 'healthy', what: 'Everything goes well.', scenario: { kind: 'healthy' }, ends: 'completed' },
  {
    name: 'helm',
    what: 'One chart, with a file of values for each environment; the tag is edited in that file.',
    scenario: { kind: 'healthy' },
    layout: 'helm',
    ends: 'completed',
  },
  {
    name: 'slow',
    what: 'The rollout takes three seconds, and the Ticket waits for it.',
    scenario: { kind: 'slow', rolloutMs: 3_000 },
    ends: 'completed',
  },
  {
    name: 'stale-health',
    what: 'Argo CD shows the old Healthy with the new Synced for a while, but the rollout is Degraded.',
    scenario: { kind: 'staleHealth', staleMs: 1_500, truth: 'degraded' },
    ends: 'failed',
    message: /Degraded/,
  },
  {
    name: 'degraded',
    what: 'The rollout ends Degraded and stays Degraded; the Ticket fails after the grace period.',
    scenario: { kind: 'degraded' },
    ends: 'failed',
    message: /Degraded: Caused by apps\/Deployment:/,
  },
  {
    name: 'degraded-then-healed',
    what: 'The rollout is Degraded for a moment and Healthy within the grace period.',
    scenario: { kind: 'degradedThenHealed', degradedMs: 700 },
    ends: 'completed',
  },
  {
    name: 'sync-retries',
    what: 'Two attempts to sync fail, the third succeeds.',
    scenario: { kind: 'syncFailsThenRetries', failures: 2, limit: 5, retryMs: 300 },
    ends: 'completed',
  },
  {
    name: 'sync-fails',
    what: 'Every attempt to sync fails; the Ticket fails when Argo CD gives up.',
    scenario: { kind: 'syncFailsThenRetries', failures: 9, limit: 2, retryMs: 300 },
    ends: 'failed',
    message: /sync Failed/,
  },
  {
    name: 'post-sync-hook-fails',
    what: 'Synced and Healthy, but the PostSync hook has failed.',
    scenario: { kind: 'postSyncHookFails', hook: 'smoke-test' },
    ends: 'failed',
    message: /sync Failed.*smoke-test/,
  },
  {
    name: 'later-commit-wins',
    what: 'Somebody else commits to the same branch before Argo CD polls, so it never sees our commit as the tip.',
    scenario: { kind: 'laterCommitWins' },
    ends: 'completed',
  },
  {
    name: 'auto-sync-off',
    what: 'Auto-sync is off: the Application stays OutOfSync, and the deadline does not run, until a person syncs it.',
    scenario: { kind: 'autoSyncOff' },
    ends: 'waiting',
    message: /OutOfSync, auto-sync is off/,
  },
  {
    name: 'deleted',
    what: 'The Application is deleted instead of synced.',
    scenario: { kind: 'deleted' },
    ends: 'failed',
    message: /the Application no longer exists/,
  },
  {
    name: 'no-rendered-change',
    what: 'The commit does not change the rendered manifests: the revision moves without an operation.',
    scenario: { kind: 'noRenderedChange' },
    ends: 'completed',
  },
  {
    name: 'suspended',
    what: 'The rollout is paused for a second, and Argo CD shows Suspended.',
    scenario: { kind: 'suspended', forMs: 1_000 },
    ends: 'completed',
  },
  {
    name: 'hook-retries',
    what: 'The PreSync hook fails twice; the third attempt succeeds.',
    scenario: { kind: 'hookFailsThenRetries', failures: 2, retryMs: 300 },
    ends: 'completed',
  },
  {
    name: 'hook-fails',
    what: 'The PreSync hook fails in every attempt, and Argo CD gives up after two retries.',
    scenario: { kind: 'hookFailsThenRetries', failures: 9, limit: 2, retryMs: 300 },
    ends: 'failed',
    message: /sync Failed.*one or more synchronization tasks completed unsuccessfully/,
  },
  {
    name: 'comparison-error',
    what: 'Argo CD cannot render the commit and shows the error until the deadline.',
    scenario: { kind: 'comparisonError' },
    ends: 'failed',
    message: /Failed to load target state: .*kustomize build/,
  },
  {
    name: 'comparison-fixed',
    what: 'Argo CD cannot render the commit for a while, and then it can.',
    scenario: { kind: 'comparisonError', forMs: 1_500 },
    ends: 'completed',
  },
  {
    name: 'sync-window',
    what: 'A sync window of the AppProject is closed for a second and a half.',
    scenario: { kind: 'window', forMs: 1_500 },
    ends: 'completed',
  },
  {
    name: 'self-heal',
    what: 'Self-heal starts a second operation of the same revision right after the first.',
    scenario: { kind: 'selfHeal' },
    ends: 'completed',
  },
  {
    name: 'killed-in-sync',
    what: 'The application controller is killed during the sync; the operation stays Running until it is back.',
    scenario: { kind: 'controllerKilled', forMs: 1_500 },
    ends: 'completed',
  },
  {
    name: 'killed-in-rollout',
    what: 'The application controller is killed during the rollout; the health stays Progressing until it is back.',
    scenario: { kind: 'controllerKilled', during: 'rollout', forMs: 1_500 },
    ends: 'completed',
  },
];
