import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { listen } from '../listen.js';
import { isSameSecret } from '../secret.js';
import { type Answer, failure, noSuchPath } from './api-answer.js';
import { Lists } from './api-list.js';
import { create, get, patch, remove } from './api-object.js';
import { type ApiRequest, isTrue, matcherFrom, numberFrom, parseRequest } from './api-request.js';
import { Watches } from './api-watch.js';
import { type Clock, systemClock } from './clock.js';
import { type Status, status } from './status.js';
import { ObjectStore, ResourceVersions } from './store.js';

export interface ApiOptions {
  clock?: Clock;
  port?: number;
  /** How many changes of a kind a watch can catch up with, at least; for older ones it gets 410. */
  historySize?: number;
  /** How often a watch that asks for bookmarks gets one (the real server: about a minute). */
  bookmarkMs?: number;
}

/** Replaces the real answer: a refusal (see `status`), no answer, or a closed connection. */
export type ApiAnswer = Status | 'hang' | 'drop' | undefined;

/** The faults that a test can inject. */
export interface ApiFaults {
  /** Called for every authenticated request; `undefined` sends the real answer. */
  answer(answerer: ((request: ApiRequest) => ApiAnswer) | undefined): void;
  /** Ends all open watch connections, properly or like a broken network. */
  closeWatches(how?: 'end' | 'destroy'): void;
  /** Accepts watches and ends them at once. */
  closeWatchesAtOnce(on: boolean): void;
  /** Sends nothing more on open watches (permanently) and on new ones (until switched off); the connections stay open. */
  silenceWatches(on: boolean): void;
  /** Expires every resourceVersion and continue token issued so far. */
  forgetHistory(): void;
  /** Answers an expired resourceVersion with HTTP status 410 instead of an ERROR event in a stream with status 200. */
  goneAsHttpStatus(on: boolean): void;
}

export interface Api {
  readonly url: string;
  readonly token: string;
  readonly applications: ObjectStore;
  readonly projects: ObjectStore;
  readonly faults: ApiFaults;
  /** How many watch connections are open. */
  readonly watchCount: number;
  stop(): Promise<void>;
}

/** The part of a Kubernetes API server that serves Argo CD's objects, over HTTP with a bearer token, on 127.0.0.1. */
export async function startApi(options: ApiOptions = {}): Promise<Api> {
  const { clock = systemClock, historySize = 1000, bookmarkMs = 10_000 } = options;
  const versions = new ResourceVersions();
  const server = new ApiServer({
    applications: new ObjectStore({ versions, clock, historySize }),
    projects: new ObjectStore({ versions, clock, historySize }),
    watches: new Watches(bookmarkMs),
  });
  const http = createServer((request, response) => {
    server.handle(request, response).catch(() => response.destroy());
  });
  const port = await listen(http, options.port);
  const { applications, projects, faults, token, watches } = server;
  return {
    ...{ url: `http://127.0.0.1:${port}`, token, applications, projects, faults },
    get watchCount() {
      return watches.count;
    },
    async stop() {
      const closed = new Promise((resolve) => http.close(resolve));
      http.closeAllConnections();
      await closed;
    },
  };
}

/** An answer, or what happens to the connection instead. */
type Reply = Answer | 'streaming' | 'hang' | 'drop';

class ApiServer {
  readonly applications: ObjectStore;
  readonly projects: ObjectStore;
  readonly watches: Watches;
  readonly token = randomBytes(24).toString('base64url');
  readonly faults: ApiFaults;
  readonly #kinds: Map<string, { kind: string; store: ObjectStore }>;
  readonly #lists = new Lists();
  #answerer: ((request: ApiRequest) => ApiAnswer) | undefined;
  #isGoneHttpStatus = false;

  constructor(parts: { applications: ObjectStore; projects: ObjectStore; watches: Watches }) {
    this.applications = parts.applications;
    this.projects = parts.projects;
    this.watches = parts.watches;
    this.#kinds = new Map([
      ['applications', { kind: 'Application', store: parts.applications }],
      ['appprojects', { kind: 'AppProject', store: parts.projects }],
    ]);
    this.faults = {
      answer: (answerer) => {
        this.#answerer = answerer;
      },
      closeWatches: (how = 'end') => this.watches.close(how),
      closeWatchesAtOnce: (on) => this.watches.closeAtOnce(on),
      silenceWatches: (on) => this.watches.silence(on),
      forgetHistory: () => {
        this.#lists.expire();
        for (const { store } of this.#kinds.values()) store.forgetHistory();
      },
      goneAsHttpStatus: (on) => {
        this.#isGoneHttpStatus = on;
      },
    };
  }

  async handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const reply = await this.#reply(message, response);
    if (reply === 'drop') response.destroy();
    else if (typeof reply === 'object') {
      response.writeHead(reply.code, { 'Content-Type': 'application/json', ...reply.headers }).end(reply.json);
    }
  }

  async #reply(message: IncomingMessage, response: ServerResponse): Promise<Reply> {
    if (!isSameSecret(message.headers.authorization, `Bearer ${this.token}`)) return failure(status.unauthorized());
    const request = parseRequest(message);
    const served = request && this.#kinds.get(request.resource);
    if (!request || !served) return noSuchPath;
    const answer = this.#answerer?.(request);
    if (answer) return typeof answer === 'object' ? failure(answer) : answer;
    const { kind, store } = served;
    switch (request.verb) {
      case 'list':
        return this.#list(request, kind, store);
      case 'watch':
        return this.#watch(request, response, kind, store);
      case 'get':
        return get(request, store);
      case 'create':
        return create(request, store, await text(message));
      case 'patch':
        return patch(request, store, await text(message));
      case 'delete':
        return remove(request, store);
      case 'other':
        return failure(status.methodNotAllowed());
    }
  }

  #list(request: ApiRequest, kind: string, store: ObjectStore): Reply {
    const matches = matcherFrom(request);
    if (typeof matches !== 'function') return failure(status.badRequest(matches.fault));
    const limit = numberFrom(request.query, 'limit');
    if (Number.isNaN(limit)) {
      const asked = request.query.get('limit');
      return failure(status.badRequest(`strconv.ParseInt: parsing "${asked}": invalid syntax`));
    }
    const page = this.#lists.page(store, { matches, limit, continue: request.query.get('continue') ?? undefined });
    if (page === 'malformed') return failure(status.badRequest('invalid continue token: continue key is not valid'));
    if (page === 'expired') return failure(status.continueExpired());
    const metadata = {
      continue: page.continue ?? '',
      ...(page.remaining && { remainingItemCount: page.remaining }),
      resourceVersion: String(page.resourceVersion),
    };
    const items = page.items.map(({ json }) => json).join(',');
    // The same order as the real server, which writes a list of custom resources as a map: metadata comes last.
    const [head, tail] = [
      '"apiVersion":"argoproj.io/v1alpha1"',
      `"kind":"${kind}List","metadata":${JSON.stringify(metadata)}`,
    ];
    return { code: 200, json: `{${head},"items":[${items}],${tail}}` };
  }

  #watch(request: ApiRequest, response: ServerResponse, kind: string, store: ObjectStore): Reply {
    const matches = matcherFrom(request);
    if (typeof matches !== 'function') return failure(status.badRequest(matches.fault));
    const resourceVersion = numberFrom(request.query, 'resourceVersion');
    if (Number.isNaN(resourceVersion)) {
      const asked = request.query.get('resourceVersion');
      return failure(status.invalidResourceVersion(asked));
    }
    if (this.#isGoneHttpStatus && resourceVersion && store.since(resourceVersion) === 'expired') {
      return failure(status.watchExpired(resourceVersion, store.forgotten));
    }
    const timeoutSeconds = numberFrom(request.query, 'timeoutSeconds');
    const bookmarks = isTrue(request.query.get('allowWatchBookmarks'));
    this.watches.serve(store, { kind, matches, resourceVersion, bookmarks, timeoutSeconds }, response);
    return 'streaming';
  }
}
