import type { ResourceStatus, SyncedResource } from './application.js';
import type { Hook } from './behaviour.js';

const outcomes = {
  Running: (name: string) => `job.batch/${name} created`,
  Succeeded: () => 'Reached expected number of succeeded pods',
  Failed: () => 'Job has reached the specified backoff limit',
};

/** The Job of a hook in the cluster. */
export class LiveHook {
  readonly hook: Hook;
  readonly images: readonly string[];

  constructor(hook: Hook, images: readonly string[]) {
    this.hook = hook;
    this.images = images;
  }

  /** Its name in the messages of an operation. */
  get name(): string {
    return `batch/Job/${this.hook.name}`;
  }

  /** Its entry in `status.resources`. */
  resource(namespace: string): ResourceStatus {
    const identity = { group: 'batch', version: 'v1', kind: 'Job', namespace, name: this.hook.name };
    return { ...identity, hook: true, requiresPruning: true };
  }

  /** Its entry in `syncResult.resources`. */
  synced(namespace: string, hookPhase: keyof typeof outcomes): SyncedResource {
    const { name, phase } = this.hook;
    return {
      ...{ group: 'batch', version: 'v1', kind: 'Job', namespace, name, images: [...this.images] },
      ...{ status: 'Synced', message: outcomes[hookPhase](name) },
      ...{ hookType: phase, syncPhase: phase, hookPhase },
    };
  }
}
