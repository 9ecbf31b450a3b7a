import type { HealthStatus } from './application.js';
import type { Behaviour } from './behaviour.js';
import type { Managed } from './managed.js';
import { healthOf, imagesOf } from './observation.js';
import type { Rendered } from './render.js';

/**
 * Starts the rollout of the applied objects: the health is that of the first step, and the next comparison or event of
 * the cluster writes it. `continueRollout` does the other steps.
 */
export function beginRollout(
  managed: Managed,
  { rollout: [first, ...rest] }: Behaviour,
  before: Rendered | undefined,
): void {
  managed.leavingImages = before?.images ?? [];
  managed.rollout = { step: first, rest };
  managed.health = first.health;
}

/** Continues step by step until the last one, or until another rollout starts. */
export async function continueRollout(managed: Managed): Promise<void> {
  const { rollout } = managed;
  if (!rollout || rollout.isUnderWay) return;
  rollout.isUnderWay = true;
  for (let step = rollout.rest.shift(); step; step = rollout.rest.shift()) {
    await managed.sleep(rollout.step.forMs);
    if (managed.rollout !== rollout) return;
    rollout.step = step;
    setHealth(managed, step.health);
  }
  managed.rollout = undefined;
}

/**
 * Writes the status that must not be trusted: Synced at the new revision together with the old Healthy. An event of the
 * cluster causes this write, so reconciledAt does not change. The operation ends in a later second than reconciledAt.
 */
export async function showStaleHealth(managed: Managed): Promise<void> {
  managed.beginStaleness();
  managed.write(({ status }) => {
    if (!status?.sync) return;
    status.sync.status = 'Synced';
    for (const resource of status.resources ?? []) resource.status = 'Synced';
  });
  const reconciledAt = managed.read()?.status?.reconciledAt;
  while (managed.now() === reconciledAt) await managed.sleep(1_000 - (managed.clock.now() % 1_000));
}

/** Argo CD learns it from events of the cluster, first of the pods and then of the workload; reconciledAt stays. */
function setHealth(managed: Managed, health: HealthStatus): void {
  managed.health = health;
  managed.write(({ status }) => status && Object.assign(status, { summary: { images: imagesOf(managed) } }));
  managed.write((application) => {
    if (application.status) application.status.health = healthOf(managed, application);
  });
}
