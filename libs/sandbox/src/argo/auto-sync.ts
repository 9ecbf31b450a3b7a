import { type Application, type Condition, isAutoSyncOn, type Operation } from './application.js';
import type { Managed } from './managed.js';
import { outOfSyncResources } from './observation.js';
import type { Rendered } from './render.js';
import { isBlocked } from './sync-window.js';

/** Why Argo CD does not sync automatically, if the object shows it. */
export type Unsynced = Omit<Condition, 'lastTransitionTime'>;

/**
 * Requests a sync of an Application that is OutOfSync: one write sets `operation` and removes the operationState of the
 * previous sync. The object does not show that auto-sync is off or that a window is closed.
 */
export function autoSync(managed: Managed, commit: string, rendered: Rendered): 'requested' | Unsynced | undefined {
  const application = managed.read();
  if (!application || application.metadata.deletionTimestamp || managed.isDown) return undefined;
  const last = application.status?.operationState;
  if (application.operation || last?.phase === 'Running' || !isWanted(managed, application)) return undefined;
  const isRepeat = last?.syncResult?.revision === commit;
  if (isRepeat && last.phase !== 'Succeeded') {
    return { type: 'SyncError', message: `Failed last sync attempt to [${commit}]: ${last.message}` };
  }
  if (isRepeat && !application.spec.syncPolicy?.automated?.selfHeal) return undefined;
  const operation = operationOf(application, commit);
  if (isRepeat) {
    operation.sync = {
      ...operation.sync,
      resources: outOfSyncResources(managed, rendered, application),
      autoHealAttemptsCount: (last.operation.sync?.autoHealAttemptsCount ?? 0) + 1,
    };
  }
  managed.write((target) => {
    target.operation = operation;
    if (target.status) delete target.status.operationState;
  });
  return 'requested';
}

function isWanted(managed: Managed, application: Application): boolean {
  // A person has deployed an Application that is not synced automatically.
  if (managed.running === undefined) return true;
  if (!isAutoSyncOn(application)) return false;
  managed.isHeldByWindow = isBlocked(
    managed.project(application.spec.project),
    application,
    'automatic',
    new Date(managed.clock.now()),
  );
  return !managed.isHeldByWindow;
}

function operationOf(application: Application, revision: string): Operation {
  const { source, syncPolicy } = application.spec;
  const isAutomated = isAutoSyncOn(application);
  return {
    sync: {
      revision,
      ...(syncPolicy?.automated?.prune && { prune: true }),
      source,
      ...(syncPolicy?.syncOptions && { syncOptions: syncPolicy.syncOptions }),
    },
    initiatedBy: isAutomated ? { automated: true } : { username: 'admin' },
    ...(isAutomated && { retry: syncPolicy?.retry ?? { limit: 5 } }),
  };
}
