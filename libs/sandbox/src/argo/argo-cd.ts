import { type TemporaryDirectory, temporaryDirectory } from '../directory.js';
import { type Api, type ApiFaults, type ApiOptions, startApi } from './api.js';
import type { Application } from './application.js';
import { type ApplicationSpec, applicationFrom } from './application-spec.js';
import { systemClock } from './clock.js';
import { Controller } from './controller.js';
import { writeKubeconfig } from './kubeconfig.js';
import type { Speeds } from './managed.js';
import type { GitCredentials } from './remote.js';
import type { Scenario } from './scenario.js';
import type { ObjectStore } from './store.js';
import { isDeployed, parseApplication, untilApplication } from './until-application.js';
import { alternatingOrder, type WriteOrder } from './write-order.js';

export interface ArgoCdOptions extends ApiOptions {
  /** The credentials of its Git commands. */
  git?: GitCredentials;
  /** Default: `argocd`. */
  namespace?: string;
  applications?: readonly ApplicationSpec[];
  /** Default true. If false, only the API server runs, and only the test writes objects. */
  isControlled?: boolean;
  /** By Application, named as for `setScenario`. */
  scenarios?: Readonly<Record<string, Scenario>>;
  /** How often each Application polls its remote; 0: only on request. The real Argo CD: 120 to 180 s. */
  pollMs?: number;
  speeds?: Partial<Speeds>;
  /** The order of the writes around each sync of an Application, counted from 0. Default: each order in turn. */
  writeOrder?: (sync: number) => WriteOrder;
}

const defaultSpeeds: Speeds = { compareMs: 50, operationMs: 50, syncMs: 75, rolloutMs: 250, revisionCacheMs: 200 };
const defaultWaitMs = 30_000;

export interface ArgoCd {
  /** Of the API server. */
  readonly url: string;
  /** The path of a kubeconfig file for the API server, with a bearer token. */
  readonly kubeconfig: string;
  readonly token: string;
  readonly namespace: string;
  /** The faults of the API server that a test can inject. */
  readonly faults: ApiFaults;
  /** How many watch connections are open. */
  readonly watchCount: number;
  /** The live objects. Everywhere here an Application is named by `name`, or by `namespace/name` in another namespace. */
  applications(): Application[];
  application(name: string): Application | undefined;
  createApplication(spec: ApplicationSpec): void;
  deleteApplication(name: string): void;
  /** A write by another client, such as a person with kubectl; `change` may modify its argument. */
  changeApplication(name: string, change: (application: Application) => void): void;
  /** Creates an AppProject with this `spec`, or replaces the spec of an existing one. */
  putProject(name: string, spec: Record<string, unknown>): void;
  /** Applies from the Application's next change on. */
  setScenario(name: string, scenario: Scenario): void;
  /** Waits until the Application satisfies the condition; checks it now and after each write. */
  until(
    name: string,
    predicate: (application: Application) => boolean,
    options?: { withinMs?: number },
  ): Promise<Application>;
  /** Waits until all Applications, or these, are deployed: Synced, Healthy, no operation. */
  ready(names?: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the stand-in for Argo CD: an API server, and a controller that follows a real Git repository. */
export async function startArgoCd(options: ArgoCdOptions = {}): Promise<ArgoCd> {
  const { namespace = 'argocd', clock = systemClock, git, isControlled = true } = options;
  const directory = await temporaryDirectory('argo');
  const api = await startApi(options);
  const kubeconfig = await writeKubeconfig(directory.path, { ...api, namespace });
  const scenarios = Object.entries(options.scenarios ?? {});
  const controller = new Controller({
    ...{ store: api.applications, projects: api.projects, clock, namespace, directory: directory.path },
    writeOrder: options.writeOrder ?? alternatingOrder,
    speeds: { ...defaultSpeeds, ...options.speeds },
    pollMs: options.pollMs ?? 3_000,
    credentials: git,
    scenarios: new Map(scenarios.map(([name, scenario]) => [keyOf(name, namespace), scenario])),
  });
  if (isControlled) controller.start();
  const argo = new StandIn({ api, controller, directory, kubeconfig, namespace });
  argo.putProject('default', { sourceRepos: ['*'], destinations: [{ server: '*', namespace: '*' }] });
  for (const spec of options.applications ?? []) argo.createApplication(spec);
  return argo;
}

class StandIn implements ArgoCd {
  readonly url: string;
  readonly token: string;
  readonly faults: ApiFaults;
  readonly kubeconfig: string;
  readonly namespace: string;
  readonly #api: Api;
  readonly #store: ObjectStore;
  readonly #controller: Controller;
  readonly #directory: TemporaryDirectory;

  constructor(parts: {
    api: Api;
    controller: Controller;
    directory: TemporaryDirectory;
    kubeconfig: string;
    namespace: string;
  }) {
    this.#api = parts.api;
    this.#store = parts.api.applications;
    this.#controller = parts.controller;
    this.#directory = parts.directory;
    this.url = parts.api.url;
    this.token = parts.api.token;
    this.faults = parts.api.faults;
    this.kubeconfig = parts.kubeconfig;
    this.namespace = parts.namespace;
  }

  get watchCount(): number {
    return this.#api.watchCount;
  }

  applications(): Application[] {
    return this.#store.all().map(parseApplication);
  }

  application(name: string): Application | undefined {
    const stored = this.#store.get(this.#keyOf(name));
    return stored && parseApplication(stored);
  }

  createApplication(spec: ApplicationSpec): void {
    this.#store.create(applicationFrom(spec, this.namespace));
  }

  deleteApplication(name: string): void {
    if (!this.#store.delete(this.#keyOf(name))) throw new Error(`no such Application: ${name}`);
  }

  changeApplication(name: string, change: (application: Application) => void): void {
    const changed = this.#store.update(this.#keyOf(name), (object) => {
      change(object as unknown as Application);
      return object;
    });
    if (!changed) throw new Error(`no such Application: ${name}`);
  }

  putProject(name: string, spec: Record<string, unknown>): void {
    const { projects } = this.#api;
    const metadata = { name, namespace: this.namespace };
    const changed = projects.update(`${this.namespace}/${name}`, (before) => ({ ...before, spec }));
    if (!changed) projects.create({ apiVersion: 'argoproj.io/v1alpha1', kind: 'AppProject', metadata, spec });
  }

  setScenario(name: string, scenario: Scenario): void {
    this.#controller.setScenario(this.#keyOf(name), scenario);
  }

  until(
    name: string,
    predicate: (application: Application) => boolean,
    { withinMs = defaultWaitMs }: { withinMs?: number } = {},
  ): Promise<Application> {
    return untilApplication(this.#store, this.#keyOf(name), predicate, withinMs);
  }

  async ready(names: readonly string[] = this.#store.all().map(({ key }) => key)): Promise<void> {
    await Promise.all(names.map((name) => this.until(name, isDeployed)));
  }

  async stop(): Promise<void> {
    await this.#controller.stop();
    await this.#api.stop();
    await this.#directory.remove();
  }

  #keyOf(name: string): string {
    return keyOf(name, this.namespace);
  }
}

function keyOf(name: string, namespace: string): string {
  return name.includes('/') ? name : `${namespace}/${name}`;
}
