import { EventEmitter, once } from 'node:events';
import type { Application, HealthStatus } from './application.js';
import { type Behaviour, behaviourOf, type RolloutStep } from './behaviour.js';
import { type Clock, timestamp } from './clock.js';
import { LiveHook } from './live-hook.js';
import type { Mirror } from './mirror.js';
import type { Rendered } from './render.js';
import type { Scenario } from './scenario.js';
import type { KubernetesObject, ObjectStore } from './store.js';
import type { WriteOrder } from './write-order.js';

/** How long each step takes. */
export interface Speeds {
  /** To compare a revision with the running state. */
  compareMs: number;
  /** Until a requested operation starts. */
  operationMs: number;
  /** Until its objects are applied, and then until it ends. */
  syncMs: number;
  /** Until the applied objects are healthy. */
  rolloutMs: number;
  /** How old a cached answer of the remote may be without a refresh; Applications of one remote share it. Real: 3 minutes. */
  revisionCacheMs: number;
}

/** What one controller works with. */
export interface Surroundings {
  store: ObjectStore;
  projects: ObjectStore;
  clock: Clock;
  speeds: Speeds;
  /** Of Argo CD itself. */
  namespace: string;
  writeOrder: (sync: number) => WriteOrder;
  mirror(url: string): Promise<Mirror>;
}

export interface Rollout {
  step: RolloutStep;
  rest: RolloutStep[];
  isUnderWay?: boolean;
}

/** One controlled Application: its object in the API, its running state, and its behaviour. */
export class Managed {
  readonly key: string;
  readonly surroundings: Surroundings;
  readonly clock: Clock;
  readonly speeds: Speeds;
  readonly signal: AbortSignal;
  /** The running state in the cluster; `undefined` before the first deployment. */
  running: Rendered | undefined;
  /** The last comparison that succeeded. */
  compared: { commit: string; rendered: Rendered } | undefined;
  /** The health of the running state. */
  health: HealthStatus = 'Missing';
  /** What the pods of the previous state run, which end with the rollout. */
  leavingImages: string[] = [];
  /** The hook's Job that is left in the cluster. */
  hook: LiveHook | undefined;
  rollout: Rollout | undefined;
  /** The next comparison sees the cluster as it was before the last sync. */
  isCacheStale = false;
  /** In the scenario `comparisonError`: the rendering that fails, and since when. */
  unrenderable: { digest: string; sinceMs: number; isCached: boolean } | undefined;
  /** A closed window has blocked the sync of the last comparison. */
  isHeldByWindow = false;
  /** How many operations have ended. */
  syncs = 0;
  readonly #events = new EventEmitter();
  #scenario: Scenario = { kind: 'healthy' };
  #isDown = false;
  #staleness: AbortController | undefined;

  constructor(key: string, surroundings: Surroundings, signal: AbortSignal) {
    this.key = key;
    this.surroundings = surroundings;
    this.clock = surroundings.clock;
    this.speeds = surroundings.speeds;
    this.signal = signal;
  }

  get scenario(): Scenario {
    return this.#scenario;
  }

  set scenario(scenario: Scenario) {
    this.#scenario = scenario;
    this.unrenderable = undefined;
    const { hook } = this.behaviour;
    // The hook of the last sync stays until the next one deletes it (argo-cd: BeforeHookCreation).
    this.hook = hook && this.running && new LiveHook(hook, this.running.images);
  }

  get behaviour(): Behaviour {
    return behaviourOf(this.running ? this.#scenario : { kind: 'healthy' }, this.speeds.rolloutMs);
  }

  /** The write order of the sync that is in progress, or of the next one. */
  get writeOrder(): WriteOrder {
    return this.surroundings.writeOrder(this.syncs);
  }

  read(): Application | undefined {
    const stored = this.surroundings.store.get(this.key);
    return stored && (JSON.parse(stored.json) as Application);
  }

  /** Writes once to the API; does nothing if the Application is gone or nothing changes. */
  write(change: (application: Application) => void): void {
    // A stopped process would write nothing.
    if (this.signal.aborted || this.#isDown) return;
    this.surroundings.store.update(this.key, (object) => {
      change(object as unknown as Application);
      return object as KubernetesObject;
    });
  }

  remove(): void {
    this.surroundings.store.delete(this.key);
  }

  /** The `spec` of an AppProject. */
  project(name: string): unknown {
    const stored = this.surroundings.projects.get(`${this.surroundings.namespace}/${name}`);
    return stored && (JSON.parse(stored.json) as { spec?: unknown }).spec;
  }

  /** The time in whole seconds, as in a status. */
  now(): string {
    return timestamp(this.clock.now());
  }

  sleep(ms: number): Promise<void> {
    return this.clock.sleep(ms, this.signal);
  }

  /** Signals that the requested operation has written Running. */
  announceRunning(): void {
    this.#events.emit('running');
  }

  async untilRunning(): Promise<void> {
    await once(this.#events, 'running', { signal: this.signal });
  }

  /** Simulates a killed controller: it neither reads the Application nor writes to it. */
  get isDown(): boolean {
    return this.#isDown;
  }

  async stayDown(ms: number): Promise<void> {
    this.#isDown = true;
    try {
      await this.sleep(ms);
    } finally {
      this.#isDown = false;
    }
  }

  /** The status is older than the operation: nothing compares until a refresh is requested. */
  get isStale(): boolean {
    return this.#staleness !== undefined;
  }

  beginStaleness(): void {
    this.#staleness = new AbortController();
  }

  /** Waits until a refresh is requested, or for this long. */
  async stayStale(ms: number): Promise<void> {
    const signals = this.#staleness ? [this.signal, this.#staleness.signal] : [this.signal];
    try {
      await this.clock.sleep(ms, AbortSignal.any(signals));
    } catch (error) {
      if (this.signal.aborted) throw error;
    } finally {
      this.#staleness = undefined;
    }
  }

  endStaleness(): void {
    this.#staleness?.abort();
  }
}
