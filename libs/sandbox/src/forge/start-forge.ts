import type { Certificate } from '../certificate.js';
import type { GitHub } from '../git/github.js';
import type { Repository, RepositoryContents } from '../git/repository.js';
import type { GitServer } from '../git/server.js';
import { Controls, type People } from './controls.js';
import { Host } from './core/host.js';
import type { ForgeProvider, Rules } from './core/model.js';
import { dialects } from './dialects.js';
import { answerer, Tokens } from './http/answerer.js';
import type { Ability, ForgeRequest } from './http/call.js';
import { type ApiFault, Faults, type ForgeInterceptor, type Meets } from './http/fault.js';
import { serveApi } from './http/serve.js';
import { Webhooks } from './webhooks.js';

export interface ForgeServerOptions {
  readonly provider: ForgeProvider;
  /** The Git server that has the repositories. */
  readonly git: GitServer;
  readonly certificate?: Certificate;
  /** GitHub only: the App whose installation tokens are accepted; the forge passes requests for them on to it. */
  readonly app?: GitHub;
}

/** A forge over a real Git server: the calls of its REST API that K8sTA uses, and what people do on its pages. */
export interface ForgeServer extends People {
  readonly provider: ForgeProvider;
  /** The base of the pages. */
  readonly url: string;
  /** The base of the REST API, without a slash at the end. */
  readonly api: string;
  readonly token: string;
  /** The user of `token`. */
  readonly bot: string;
  /** Every request to the API, oldest first. */
  readonly requests: readonly ForgeRequest[];
  readonly webhooks: Webhooks;
  /** Creates it on the Git server. */
  createRepository(name: string, contents: RepositoryContents, rules?: Partial<Rules>): Promise<Repository>;
  /** What the tokens must not do; an empty list ends that. */
  forbid(abilities: readonly Ability[]): void;
  /** The requests that this fault meets get it instead of the real answer, or in addition to it. */
  fail(fault: ApiFault, meets?: Meets): void;
  /** Calls `interceptor` for every request, before the faults of `fail`; `undefined` removes it. It may also wait. */
  intercept(interceptor: ForgeInterceptor | undefined): void;
  /** Ends all faults. */
  heal(): void;
  stop(): Promise<void>;
}

/** Who may review. */
const [people, teams] = [['ann', 'bob', 'carol'], ['release']];

export async function startForge({ provider, git, app, certificate }: ForgeServerOptions): Promise<ForgeServer> {
  const bot = app ? 'k8sta[bot]' : 'k8sta-bot';
  const tokens = new Tokens(bot, (token) => app?.accepts('x-access-token', token) ?? false);
  const faults = new Faults();
  const requests: ForgeRequest[] = [];
  const webhooks = new Webhooks();
  const { facts, create } = dialects[provider];
  const host = new Host({ emit: (event) => webhooks.send(dialect, event), bot, ...facts });
  const api = () => `${server.url}${dialect.base}`;
  const dialect = create({ host, url: () => server.url, api, people, teams, userId: idsOf([bot, ...people]) });
  const server = await serveApi({
    ...{ base: dialect.base, certificate, ...answerer({ dialect, tokens, app }) },
    fault(request) {
      requests.push(request);
      return faults.take(request);
    },
  });
  const controls = new Controls(host, dialect);
  const ignorePushes = git.onPush((name) => {
    const project = host.projects.get(name);
    // Each request looks at the branches again; this is for the webhooks.
    if (project) host.follow(project).catch(() => {});
  });
  return Object.assign(controls, {
    ...{ provider, url: server.url, api: api(), token: tokens.own, bot, requests, webhooks },
    async createRepository(name: string, contents: RepositoryContents, rules?: Partial<Rules>) {
      const repository = await git.createRepository(name, contents);
      await controls.host(repository, rules);
      return repository;
    },
    forbid: (abilities: readonly Ability[]) => tokens.forbid(abilities),
    fail: (fault: ApiFault, meets?: Meets) => faults.add(fault, meets),
    intercept(interceptor: ForgeInterceptor | undefined) {
      faults.interceptor = interceptor;
    },
    heal: () => faults.heal(),
    async stop() {
      ignorePushes();
      await webhooks.stop();
      await server.stop();
    },
  });
}

/** The id of each login: always the same, and a new one for a new login. */
function idsOf(known: readonly string[]): (login: string) => number {
  const logins = [...known];
  return (login) => {
    if (!logins.includes(login)) logins.push(login);
    return 100 + logins.indexOf(login);
  };
}
