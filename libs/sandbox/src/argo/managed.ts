import type { Application, Health } from './application.js';
import { type Clock, timestamp } from './clock.js';
import type { Mirror } from './mirror.js';
import type { Rendered } from './render.js';
import { type Behaviour, behaviourOf, type RolloutStep, type Scenario } from './scenario.js';
import type { KubernetesObject, ObjectStore } from './store.js';

/** How long each step takes. */
export interface Speeds {
  /** To compare a revision with what runs. */
  compareMs: number;
  /** Until an operation that was asked for begins. */
  operationMs: number;
  /** Until its objects are applied, and then until it is over. */
  syncMs: number;
  /** Until what was applied is healthy. */
  rolloutMs: number;
}

/** The world of one controller. */
export interface Surroundings {
  store: ObjectStore;
  clock: Clock;
  speeds: Speeds;
  /** Of Argo CD itself. */
  namespace: string;
  mirror(url: string): Promise<Mirror>;
}

export interface Rollout {
  step: RolloutStep;
  rest: RolloutStep[];
  isUnderWay?: boolean;
}

/** One Application under control: its object in the API, what runs for it, and how it behaves. */
export class Managed {
  readonly key: string;
  readonly clock: Clock;
  readonly speeds: Speeds;
  readonly controllerNamespace: string;
  readonly mirror: (url: string) => Promise<Mirror>;
  readonly signal: AbortSignal;
  /** What runs in the cluster; `undefined` before the first deployment. */
  running: Rendered | undefined;
  /** The health of what runs. */
  health: Omit<Health, 'lastTransitionTime'> = { status: 'Missing' };
  /** Of what ran before, until the rollout is over. */
  leavingImages: string[] = [];
  rollout: Rollout | undefined;
  scenario: Scenario = { kind: 'healthy' };
  readonly #store: ObjectStore;
  #staleness: AbortController | undefined;

  constructor(key: string, { store, clock, speeds, namespace, mirror }: Surroundings, signal: AbortSignal) {
    this.key = key;
    this.#store = store;
    this.clock = clock;
    this.speeds = speeds;
    this.controllerNamespace = namespace;
    this.mirror = mirror;
    this.signal = signal;
  }

  get behaviour(): Behaviour {
    return behaviourOf(this.running ? this.scenario : { kind: 'healthy' }, this.speeds.rolloutMs);
  }

  read(): Application | undefined {
    const stored = this.#store.get(this.key);
    return stored && (JSON.parse(stored.json) as Application);
  }

  /** One write to the API; none where the Application is gone or nothing changes. */
  write(change: (application: Application) => void): void {
    // As if by the process that has just been stopped.
    if (this.signal.aborted) return;
    this.#store.update(this.key, (object) => {
      change(object as unknown as Application);
      return object as KubernetesObject;
    });
  }

  remove(): void {
    this.#store.delete(this.key);
  }

  /** The time in whole seconds, as it goes into a status. */
  now(): string {
    return timestamp(this.clock.now());
  }

  sleep(ms: number): Promise<void> {
    return this.clock.sleep(ms, this.signal);
  }

  /** While the status is older than the operation: nothing compares, unless somebody asks for a refresh. */
  get isStale(): boolean {
    return this.#staleness !== undefined;
  }

  beginStaleness(): void {
    this.#staleness = new AbortController();
  }

  /** Until somebody asks for a refresh, or for so long. */
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
