import type { Application, OperationState, SyncedResource } from './application.js';
import type { Behaviour } from './behaviour.js';
import { observe } from './comparison.js';
import { explainComparison, isComparisonError } from './comparison-error.js';
import { LiveHook } from './live-hook.js';
import type { Managed } from './managed.js';
import { appliedResources, awaitedWorkload, refusedResources } from './observation.js';
import { type Rendered, renderedSource } from './render.js';
import { beginRollout, continueRollout, showStaleHealth } from './rollout.js';

type SyncResult = NonNullable<OperationState['syncResult']>;

/** How an attempt ended. */
export interface Outcome {
  phase: 'Succeeded' | 'Failed' | 'Error';
  message: string;
  syncResult?: SyncResult;
}

interface AttemptOptions {
  managed: Managed;
  application: Application;
  behaviour: Behaviour;
  /** Has no result: the result of the previous attempt is removed. */
  state: OperationState;
  isFailing: boolean;
}

/** One attempt of an operation: PreSync hook, apply, PostSync hook. */
export class Attempt {
  readonly #managed: Managed;
  readonly #options: AttemptOptions;
  readonly #namespace: string;
  #revision = '';
  /** `syncResult.resources` so far. */
  #resources: SyncedResource[] = [];

  constructor(options: AttemptOptions) {
    this.#managed = options.managed;
    this.#options = options;
    this.#namespace = options.application.spec.destination.namespace ?? '';
  }

  async run(): Promise<Outcome> {
    try {
      return await this.#sync(await this.#render());
    } catch (error) {
      if (this.#managed.signal.aborted || !isComparisonError(error)) throw error;
      return this.#end('Error', `ComparisonError: ${explainComparison(error)}`);
    }
  }

  async #render(): Promise<Rendered> {
    const { spec } = this.#options.application;
    const { revision } = this.#options.state.operation.sync ?? {};
    const mirror = await this.#managed.surroundings.mirror(spec.source.repoURL);
    this.#revision = revision ?? (await mirror.resolve(spec.source.targetRevision, 0));
    return mirror.render(this.#revision, renderedSource(this.#options.application));
  }

  async #sync(rendered: Rendered): Promise<Outcome> {
    const { application, behaviour, isFailing } = this.#options;
    const { hook } = behaviour;
    if (hook?.phase === 'PreSync' && !(await this.#runHook(hook, rendered))) return this.#end('Failed', unsuccessful);
    await this.#managed.sleep(this.#managed.speeds.syncMs);
    if (isFailing && !hook) {
      this.#resources = refusedResources(rendered, application);
      return this.#end('Failed', `one or more objects failed to apply, reason: ${this.#resources[0]?.message}`);
    }
    this.#resources.push(...appliedResources(this.#managed, rendered, application));
    await this.#apply(rendered);
    if (hook?.phase === 'PostSync') {
      await this.#untilHealthy(rendered);
      if (!(await this.#runHook(hook, rendered))) return this.#end('Failed', unsuccessful);
    }
    await this.#managed.sleep(this.#managed.speeds.syncMs);
    return this.#end('Succeeded', 'successfully synced (all tasks run)');
  }

  /** From here on the new state runs; Argo CD writes its status later. */
  async #apply(rendered: Rendered): Promise<void> {
    const managed = this.#managed;
    const { behaviour, state } = this.#options;
    const before = managed.running;
    managed.running = rendered;
    managed.isCacheStale = behaviour.selfHealsTwice && !state.operation.sync?.resources;
    if (before?.workloadDigest === rendered.workloadDigest) return;
    if (behaviour.staleMs === undefined) beginRollout(managed, behaviour, before);
    else {
      managed.leavingImages = before?.images ?? [];
      await showStaleHealth(managed);
    }
  }

  /** PostSync hooks run when everything is healthy. */
  async #untilHealthy(rendered: Rendered): Promise<void> {
    const awaited = awaitedWorkload(rendered);
    if (awaited) this.#say(`waiting for healthy state of ${awaited}`);
    observe(this.#managed);
    await continueRollout(this.#managed);
  }

  /** Deletes the hook's Job of the previous sync, creates the new one, and waits for it. Returns whether it succeeded. */
  async #runHook(hook: LiveHook['hook'], { images }: Rendered): Promise<boolean> {
    const managed = this.#managed;
    const { syncMs } = managed.speeds;
    if (managed.hook) {
      const { name } = managed.hook;
      managed.hook = undefined;
      observe(managed);
      this.#say(`waiting for deletion of hook ${name}`);
      await managed.sleep(syncMs);
    }
    const live = new LiveHook(hook, images);
    managed.hook = live;
    observe(managed);
    const before = this.#resources;
    this.#resources = [...before, live.synced(this.#namespace, 'Running')];
    this.#say(`waiting for completion of hook ${live.name}`);
    await managed.sleep(syncMs);
    const { isFailing } = this.#options;
    this.#resources = [...before, live.synced(this.#namespace, isFailing ? 'Failed' : 'Succeeded')];
    return !isFailing;
  }

  #say(message: string): void {
    this.#managed.write((target) => {
      target.status = {
        ...target.status,
        operationState: { ...this.#options.state, message, syncResult: this.#result() },
      };
    });
  }

  #end(phase: Outcome['phase'], message: string): Outcome {
    return { phase, message, ...(this.#revision && { syncResult: this.#result() }) };
  }

  #result(): SyncResult {
    const { source } = this.#options.application.spec;
    const resources = this.#resources.length > 0 && { resources: this.#resources };
    return { revision: this.#revision, source, ...resources };
  }
}

/** Argo CD's message if any task of a sync has failed. */
const unsuccessful = 'one or more synchronization tasks completed unsuccessfully';
