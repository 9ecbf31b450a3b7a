import { join } from 'node:path';
import type { Application } from './application.js';
import { ApplicationController } from './application-controller.js';
import type { Clock } from './clock.js';
import { Managed, type Speeds, type Surroundings } from './managed.js';
import { Mirror } from './mirror.js';
import type { Scenario } from './scenario.js';
import type { Change, ObjectStore } from './store.js';

export interface ControllerOptions {
  store: ObjectStore;
  clock: Clock;
  speeds: Speeds;
  namespace: string;
  pollMs: number;
  credentials: { user: string; password: string } | undefined;
  /** By `namespace/name`. */
  scenarios: ReadonlyMap<string, Scenario>;
  /** Where the mirrors live. */
  directory: string;
}

interface Control {
  managed: Managed;
  controller: ApplicationController;
  end: AbortController;
}

/** The stand-in for Argo CD's application controller and repo server: keeps every Application of the store. */
export class Controller {
  readonly #options: ControllerOptions;
  readonly #surroundings: Surroundings;
  readonly #controls = new Map<string, Control>();
  readonly #mirrors = new Map<string, Promise<Mirror>>();
  readonly #stopping = new AbortController();
  #unsubscribe = () => {};

  constructor(options: ControllerOptions) {
    this.#options = options;
    const { store, clock, speeds, namespace } = options;
    this.#surroundings = { store, clock, speeds, namespace, mirror: (url) => this.#mirror(url) };
  }

  start(): void {
    const { store } = this.#options;
    this.#unsubscribe = store.onChange((change) => this.#notice(change));
    for (const { key } of store.all()) this.#begin(key);
  }

  setScenario(key: string, scenario: Scenario): void {
    const control = this.#controls.get(key);
    if (!control) throw new Error(`there is no Application ${key}`);
    const isOff = scenario.kind === 'autoSyncOff';
    const wasOff = control.managed.scenario.kind === 'autoSyncOff';
    control.managed.scenario = scenario;
    if (isOff !== wasOff) control.managed.write((application) => switchAutoSync(application, !isOff));
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
    // Later: a listener of the store must not write to it.
    queueMicrotask(() => (type === 'ADDED' ? this.#begin(key) : this.#controls.get(key)?.controller.notice()));
  }

  #begin(key: string): void {
    if (this.#controls.has(key) || this.#stopping.signal.aborted) return;
    const end = new AbortController();
    const signal = AbortSignal.any([end.signal, this.#stopping.signal]);
    const managed = new Managed(key, this.#surroundings, signal);
    const controller = new ApplicationController(managed);
    this.#controls.set(key, { managed, controller, end });
    const scenario = this.#options.scenarios.get(key);
    if (scenario) this.setScenario(key, scenario);
    controller.run(this.#options.pollMs).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  #mirror(url: string): Promise<Mirror> {
    const known = this.#mirrors.get(url);
    if (known) return known;
    const { credentials } = this.#options;
    const directory = join(this.#options.directory, `${this.#mirrors.size}.git`);
    const mirror = Mirror.create({ url, directory, credentials, signal: this.#stopping.signal });
    this.#mirrors.set(url, mirror);
    return mirror;
  }
}

function switchAutoSync({ spec }: Application, on: boolean): void {
  spec.syncPolicy = { ...spec.syncPolicy, automated: { ...spec.syncPolicy?.automated, enabled: on } };
}
