import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Application, Retry } from './application.js';
import { ApplicationController } from './application-controller.js';
import { type Behaviour, behaviourOf } from './behaviour.js';
import type { Clock } from './clock.js';
import { Managed, type Speeds, type Surroundings } from './managed.js';
import { Mirror } from './mirror.js';
import { type GitCredentials, Remote } from './remote.js';
import type { Scenario } from './scenario.js';
import type { Change, KubernetesObject, ObjectStore } from './store.js';
import { denyWindow } from './sync-window.js';
import type { WriteOrder } from './write-order.js';

export interface ControllerOptions {
  store: ObjectStore;
  projects: ObjectStore;
  clock: Clock;
  writeOrder: (sync: number) => WriteOrder;
  speeds: Speeds;
  namespace: string;
  pollMs: number;
  credentials: GitCredentials | undefined;
  /** By `namespace/name`. */
  scenarios: ReadonlyMap<string, Scenario>;
  /** The directory of the mirrors. */
  directory: string;
}

interface Control {
  managed: Managed;
  controller: ApplicationController;
  end: AbortController;
  /** The retry limit of the Application's own sync policy. */
  retry: Retry | undefined;
}

/** The stand-in for Argo CD's application controller and repo server: controls every Application of the store. */
export class Controller {
  readonly #options: ControllerOptions;
  readonly #surroundings: Surroundings;
  readonly #controls = new Map<string, Control>();
  readonly #mirrors = new Map<string, Promise<Mirror>>();
  readonly #stopping = new AbortController();
  #unsubscribe = () => {};

  constructor(options: ControllerOptions) {
    // Every repository listens for the end.
    setMaxListeners(0, this.#stopping.signal);
    this.#options = options;
    const { store, projects, clock, speeds, namespace, writeOrder } = options;
    const world = { store, projects, clock, speeds, namespace, writeOrder };
    this.#surroundings = { ...world, mirror: (url) => this.#mirror(url) };
  }

  start(): void {
    const { store } = this.#options;
    this.#unsubscribe = store.onChange((change) => this.#notice(change));
    for (const { key } of store.all()) this.#begin(key);
  }

  setScenario(key: string, scenario: Scenario): void {
    const control = this.#controls.get(key);
    if (!control) throw new Error(`no such Application: ${key}`);
    const { managed, retry } = control;
    const wasOff = managed.scenario.kind === 'autoSyncOff';
    managed.scenario = scenario;
    const behaviour = behaviourOf(scenario, managed.speeds.rolloutMs);
    this.#putWindow(managed, behaviour);
    managed.write((application) => {
      if (wasOff === behaviour.autoSync) switchAutoSync(application, behaviour.autoSync);
      limitRetries(application, behaviour, retry);
    });
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    this.#stopping.abort();
    for (const mirror of await Promise.allSettled(this.#mirrors.values())) {
      if (mirror.status === 'fulfilled') mirror.value.close();
    }
  }

  #notice({ type, stored: { key } }: Change): void {
    if (type === 'DELETED') {
      this.#controls.get(key)?.end.abort();
      this.#controls.delete(key);
      return;
    }
    // Deferred, because a listener of the store must not write to it.
    queueMicrotask(() => (type === 'ADDED' ? this.#begin(key) : this.#controls.get(key)?.controller.notice()));
  }

  #begin(key: string): void {
    if (this.#controls.has(key) || this.#stopping.signal.aborted) return;
    const end = new AbortController();
    const signal = AbortSignal.any([end.signal, this.#stopping.signal]);
    const managed = new Managed(key, this.#surroundings, signal);
    const controller = new ApplicationController(managed, () => this.#putWindow(managed, {}));
    const retry = managed.read()?.spec.syncPolicy?.retry;
    this.#controls.set(key, { managed, controller, end, retry });
    const scenario = this.#options.scenarios.get(key);
    if (scenario) this.setScenario(key, scenario);
    controller.run(this.#options.pollMs).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  /** Adds the scenario's sync window to the AppProject, or removes it. */
  #putWindow(managed: Managed, { window }: Pick<Behaviour, 'window'>): void {
    const application = managed.read();
    if (!application) return;
    const ours = denyWindow(application.metadata.name);
    this.#options.projects.update(`${this.#options.namespace}/${application.spec.project}`, (project) =>
      withWindow(project, ours, window !== undefined),
    );
  }

  #mirror(url: string): Promise<Mirror> {
    const known = this.#mirrors.get(url);
    if (known) return known;
    const remote = new Remote({ url, credentials: this.#options.credentials, signal: this.#stopping.signal });
    const mirror = Mirror.create(remote, join(this.#options.directory, `${this.#mirrors.size}.git`));
    this.#mirrors.set(url, mirror);
    return mirror;
  }
}

function switchAutoSync({ spec }: Application, on: boolean): void {
  spec.syncPolicy = { ...spec.syncPolicy, automated: { ...spec.syncPolicy?.automated, enabled: on } };
}

/** Writes a scenario's limit into the spec, as a person would. */
function limitRetries({ spec }: Application, { retryLimit }: Behaviour, own: Retry | undefined): void {
  const retry = retryLimit === undefined ? own : { ...own, limit: retryLimit };
  if (isDeepStrictEqual(retry, spec.syncPolicy?.retry)) return;
  const { retry: _, ...others } = spec.syncPolicy ?? {};
  spec.syncPolicy = { ...others, ...(retry && { retry }) };
}

function withWindow(project: KubernetesObject, ours: object, isClosed: boolean): KubernetesObject {
  const spec = (project['spec'] ?? {}) as { syncWindows?: object[] };
  const { syncWindows = [], ...others } = spec;
  const windows = syncWindows.filter((each) => !isDeepStrictEqual(each, ours));
  if (isClosed) windows.push(ours);
  return { ...project, spec: { ...others, ...(windows.length > 0 && { syncWindows: windows }) } };
}
