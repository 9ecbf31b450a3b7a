import type { Scenario } from './argo/scenario.js';

/** A scenario by name, for the demo and for a test of each: how the Application behaves, and how the ride then ends. */
export interface NamedScenario {
  readonly name: string;
  /** One sentence, in the words of somebody who watches Argo CD. */
  readonly what: string;
  readonly scenario: Scenario;
  readonly ends: 'completed' | 'failed';
  /** What the message says, where it ends `failed`. */
  readonly message?: RegExp;
}

export const scenarios: readonly NamedScenario[] = [
  { name: 'healthy', what: 'Everything goes well.', scenario: { kind: 'healthy' }, ends: 'completed' },
  {
    name: 'slow',
    what: 'The rollout takes three seconds; the train waits for it.',
    scenario: { kind: 'slow', rolloutMs: 3_000 },
    ends: 'completed',
  },
  {
    name: 'stale-health',
    what: 'Argo CD shows the old Healthy beside the new Synced for a while; in truth the rollout is Degraded.',
    scenario: { kind: 'staleHealth', staleMs: 1_500, truth: 'degraded' },
    ends: 'failed',
    message: /Degraded/,
  },
  {
    name: 'degraded',
    what: 'The rollout ends Degraded and stays so; the train stops when the grace is over.',
    scenario: { kind: 'degraded' },
    ends: 'failed',
    message: /Degraded: Caused by apps\/Deployment:/,
  },
  {
    name: 'degraded-then-healed',
    what: 'The rollout is Degraded for a moment and then Healthy, which is forgiven.',
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
    what: 'Every attempt to sync fails; when Argo CD gives up, so does the train.',
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
    what: 'Before Argo CD looks, somebody else commits on the same branch; it never sees our commit as the tip.',
    scenario: { kind: 'laterCommitWins' },
    ends: 'completed',
  },
  {
    name: 'auto-sync-off',
    what: 'Auto-sync is off: the Application stays OutOfSync until the deadline.',
    scenario: { kind: 'autoSyncOff' },
    ends: 'failed',
    message: /OutOfSync, auto-sync is off/,
  },
  {
    name: 'deleted',
    what: 'The Application is deleted instead of synced.',
    scenario: { kind: 'deleted' },
    ends: 'failed',
    message: /the Application does not exist any more/,
  },
  {
    name: 'no-rendered-change',
    what: 'The commit changes nothing that is rendered: the revision moves, and there is no operation.',
    scenario: { kind: 'noRenderedChange' },
    ends: 'completed',
  },
];
