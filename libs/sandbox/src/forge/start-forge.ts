import type { Certificate } from '../certificate.js';
import type { GitHub } from '../git/github.js';
import type { Repository, RepositoryContents } from '../git/repository.js';
import type { GitServer } from '../git/server.js';
import { Controls, type People } from './controls.js';
import { Host } from './core/host.js';
import type { ForgeProvider, Project, Rules } from './core/model.js';
import { dialects } from './dialects.js';
import { answerer, Tokens } from './http/answerer.js';
import type { Ability, ForgeRequest } from './http/call.js';
import { type ApiFault, Faults, type Meets } from './http/fault.js';
import { serveApi } from './http/serve.js';
import { Webhooks, type WebhookTarget } from './webhooks.js';

export interface ForgeServerOptions {
  readonly provider: ForgeProvider;
  /** The Git server that has the repositories. */
  readonly git: GitServer;
  readonly port?: number;
  readonly certificate?: Certificate;
  /** The user of `token`. */
  readonly bot?: string;
  /** Tokens besides `token`, such as those of an App's installation. */
  readonly accepts?: (token: string) => boolean;
  /** GitHub only: the App whose installation tokens are accepted; the forge passes requests for them on to it. */
  readonly app?: GitHub;
  /** People who may review. */
  readonly people?: readonly string[];
  /** Slugs of teams that may review (GitHub). */
  readonly teams?: readonly string[];
  /** Milliseconds. */
  readonly now?: () => number;
}

/** A forge over a real Git server: the calls of its REST API that K8sTA uses, and what people do on its pages. */
export interface ForgeServer extends People {
  readonly provider: ForgeProvider;
  /** The base of the pages. */
  readonly url: string;
  /** The base of the REST API, without a slash at the end. */
  readonly api: string;
  readonly token: string;
  readonly bot: string;
  /** Every request to the API, oldest first. */
  readonly requests: readonly ForgeRequest[];
  readonly webhooks: Webhooks;
  /** Creates it on the Git server. */
  createRepository(name: string, contents: RepositoryContents, rules?: Partial<Rules>): Promise<Repository>;
  /** Takes in a repository that is on the Git server already. */
  host(repository: Repository, rules?: Partial<Rules>): Promise<void>;
  setRules(repository: string, rules: Partial<Rules>): Promise<void>;
  /** What the tokens must not do; an empty list ends that. */
  forbid(abilities: readonly Ability[]): void;
  /** The requests that this fault meets get it instead of the real answer, or in addition to it. */
  fail(fault: ApiFault, meets?: Meets): void;
  /** Asked for every request, before the faults of `fail`. It may count and wait, as the kill tests do. */
  intercept(interceptor: ForgeInterceptor | undefined): void;
  /** Ends all faults. */
  heal(): void;
  stop(): Promise<void>;
}

export type ForgeInterceptor = (request: ForgeRequest) => ApiFault | undefined;

export async function startForge(options: ForgeServerOptions): Promise<ForgeServer> {
  const { provider, git, app, bot = app ? 'k8sta[bot]' : 'k8sta-bot', now = Date.now } = options;
  const { people = ['ann', 'bob', 'carol'], teams = ['release'] } = options;
  const tokens = new Tokens(
    bot,
    (token) => app?.accepts('x-access-token', token) || (options.accepts?.(token) ?? false),
  );
  const faults = new Faults();
  const requests: ForgeRequest[] = [];
  let interceptor: ForgeInterceptor | undefined;
  const dialectOf = dialects[provider];
  const webhooks = new Webhooks();
  const host = new Host({
    now: () => new Date(now()),
    emit: (event) => webhooks.send(dialect, event),
    ...dialectOf.facts,
  });
  const users = [bot, ...people];
  const userId = (login: string) => {
    if (!users.includes(login)) users.push(login);
    return 100 + users.indexOf(login);
  };
  const dialect = dialectOf.create({ host, url: () => server.url, api: () => api(), people, teams, userId });
  const answer = answerer({ dialect, tokens, app });
  const server = await serveApi({
    base: dialect.base,
    certificate: options.certificate,
    port: options.port,
    fault(request) {
      requests.push(request);
      return interceptor?.(request) ?? faults.take(request);
    },
    refuse: answer.refuse,
    answer: answer.answer,
    other: answer.other(host),
  });
  const api = () => `${server.url}${dialect.base}`;
  const controls = new Controls(host, dialect);

  async function take(repository: Repository, rules: Partial<Rules> = {}): Promise<void> {
    const project = controls.add(repository, rules);
    await install(project);
  }
  const install = (project: Project) =>
    controls.install(project, `${server.url}/-/pushed/${encodeURIComponent(project.name)}`);

  return Object.assign(controls, {
    ...{ provider, url: server.url, api: api(), token: tokens.own, bot, requests, webhooks },
    async createRepository(name: string, contents: RepositoryContents, rules?: Partial<Rules>) {
      const repository = await git.createRepository(name, contents);
      await take(repository, rules);
      return repository;
    },
    host: take,
    async setRules(repository: string, rules: Partial<Rules>) {
      const project = controls.project(repository);
      project.rules = { ...project.rules, ...rules };
      await install(project);
    },
    forbid: (abilities: readonly Ability[]) => tokens.forbid(abilities),
    fail: (fault: ApiFault, meets?: Meets) => faults.add(fault, meets),
    intercept(next: ForgeInterceptor | undefined) {
      interceptor = next;
    },
    heal() {
      faults.heal();
      interceptor = undefined;
    },
    async stop() {
      await webhooks.stop();
      await server.stop();
    },
  });
}

export type { WebhookTarget };
