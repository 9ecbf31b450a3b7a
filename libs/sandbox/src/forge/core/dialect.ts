import type { Ability, Answer, ForgeRequest, Route } from '../http/call.js';
import type { ApiFault } from '../http/fault.js';
import type { Host, HostOptions } from './host.js';
import type { Landing } from './landing.js';
import type { ForgeEvent, ForgeProvider, MergeMethod, Project, Pull } from './model.js';

/** What people and the API of a forge know besides repositories. */
export interface Surroundings {
  readonly host: Host;
  /** The base of its pages, without a slash at the end. */
  readonly url: () => string;
  /** The base of its API. */
  readonly api: () => string;
  /** Logins of people who may review. */
  readonly people: readonly string[];
  readonly teams: readonly string[];
  readonly userId: (login: string) => number;
}

/** How the commits of a merge are made, and whether the branch goes. */
export interface MergeWish {
  readonly method: MergeMethod;
  readonly title?: string | undefined;
  readonly message?: string | undefined;
  readonly by: string;
}

export interface WebhookRequest {
  /** The kind, as the header of the forge names it. */
  readonly event: string;
  readonly body: unknown;
}

/** What is particular to one forge. */
export interface Dialect {
  readonly provider: ForgeProvider;
  /** The path of the API below the URL of the server. */
  readonly base: string;
  /** What a protected branch says to a push. */
  readonly pushRefusal: string;
  readonly tokenOf: (request: ForgeRequest) => string | undefined;
  /** Answers to a bad token, to a token that lacks an ability, and to an unknown path. */
  readonly refuse: {
    readonly badToken: (hasToken: boolean) => Answer;
    readonly lacks: (needs: Ability, method: string) => Answer;
    readonly notFound: () => Answer;
    readonly badBody: (field: string, why: string) => Answer;
    readonly limit: (fault: Extract<ApiFault, { is: 'rateLimit' | 'secondaryLimit' }>) => Answer;
  };
  /** Headers of every answer. */
  readonly headers: () => Record<string, string>;
  readonly routes: readonly Route[];
  readonly landing: (project: Project, pull: Pull, wish: MergeWish) => Promise<Landing>;
  readonly webhooks: (event: ForgeEvent) => readonly WebhookRequest[];
  readonly sign: (
    webhook: WebhookRequest,
    secret: string,
    id: string,
  ) => { text: string; headers: Record<string, string> };
}

/** How to make the dialect of a forge, and what the host of its repositories must know before. */
export interface DialectOf {
  readonly facts: Pick<HostOptions, 'headRef' | 'noticesPushedMerges' | 'closesEmpty'>;
  readonly create: (surroundings: Surroundings) => Dialect;
}
