import type { Managed } from './managed.js';
import { healthOf, imagesOf, resourcesOf } from './observation.js';
import type { Rendered } from './render.js';
import type { Behaviour, RolloutStep } from './scenario.js';

/**
 * What was applied begins to roll out: its health is that of the first step; `continueRollout` goes on from there.
 * `silently`: the health of what runs is the new one, but the status does not say so yet.
 */
export function beginRollout(
  managed: Managed,
  { rollout: [first, ...rest] }: Behaviour,
  before: Rendered | undefined,
  how: 'visibly' | 'silently' = 'visibly',
): void {
  managed.leavingImages = before?.images ?? [];
  managed.rollout = { step: first, rest };
  setHealth(managed, first, how);
}

/** Goes on, step by step, until the last one or until another rollout begins. */
export async function continueRollout(managed: Managed): Promise<void> {
  const { rollout } = managed;
  if (!rollout || rollout.isUnderWay) return;
  rollout.isUnderWay = true;
  for (let step = rollout.rest.shift(); step; step = rollout.rest.shift()) {
    await managed.sleep(rollout.step.forMs);
    if (managed.rollout !== rollout) return;
    rollout.step = step;
    setHealth(managed, step, 'visibly');
  }
  managed.rollout = undefined;
}

/**
 * The flash that must not be trusted: Synced with the new revision beside the Healthy of the old one. It is a write by
 * a resource's event, which does not move reconciledAt. The operation will end in a later second than reconciledAt.
 */
export async function showStaleHealth(managed: Managed): Promise<void> {
  managed.beginStaleness();
  managed.write(({ status }) => {
    if (status?.sync) status.sync.status = 'Synced';
  });
  const reconciledAt = managed.read()?.status?.reconciledAt;
  while (managed.now() === reconciledAt) await managed.sleep(1_000 - (managed.clock.now() % 1_000));
}

/** A change of health that Argo CD learns of by a resource's event: it does not move reconciledAt. */
function setHealth(managed: Managed, { health, message }: RolloutStep, how: 'visibly' | 'silently'): void {
  managed.health = { status: health, ...(message && { message }) };
  if (how === 'silently') return;
  managed.write(({ status }) => {
    if (!status || !managed.running) return;
    status.health = healthOf(managed, status.health);
    status.summary = { images: imagesOf(managed) };
    if (status.sync?.status === 'Synced') status.resources = resourcesOf(managed, managed.running);
  });
}
