import type { IncomingHttpHeaders } from 'node:http';
import type { z } from 'zod';

/** What a token may do; GitHub calls them permissions, the others scopes. `read`: see the repository at all. */
export type Ability = 'read' | 'pulls' | 'issues' | 'contents' | 'checks' | 'statuses' | 'deployments';

/** A request to the API, as the log of the stand-in has it. `path` is without the base of the API and without the query. */
export interface ForgeRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly body: unknown;
  readonly headers: IncomingHttpHeaders;
}

export interface Call extends ForgeRequest {
  readonly params: Record<string, string>;
  readonly search: URLSearchParams;
  /** The URL of the request without its query. */
  readonly url: string;
  /** Who asks. */
  readonly user: string;
}

export interface Answer {
  readonly status: number;
  /** JSON; a string is sent as plain text; absent: no body. */
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `:name` is one part of the path, `*name` all the rest. */
  readonly path: string;
  readonly needs: Ability;
  readonly run: (call: Call) => Answer | Promise<Answer>;
}

/** The first route that fits, and what its names are in this path. */
export function findRoute(routes: readonly Route[], method: string, path: string) {
  for (const route of routes) {
    if (route.method !== method) continue;
    const match = patternOf(route.path).exec(path);
    if (!match) continue;
    const params = Object.fromEntries(
      Object.entries(match.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]),
    );
    return { route, params };
  }
  return undefined;
}

const patterns = new Map<string, RegExp>();

function patternOf(path: string): RegExp {
  const known = patterns.get(path);
  if (known) return known;
  const source = path.replace(/:(\w+)/g, '(?<$1>[^/]+)').replace(/\*(\w+)/g, '(?<$1>.+)');
  const pattern = new RegExp(`^${source}$`);
  patterns.set(path, pattern);
  return pattern;
}

/** A route throws it to answer at once. */
export class Refused extends Error {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(`refused with ${answer.status}`);
    this.answer = answer;
  }
}

export class BadBody extends Error {
  readonly field: string;

  constructor(field: string, why: string) {
    super(why);
    this.field = field;
  }
}

export function bodyOf<Schema extends z.ZodType>(call: Call, schema: Schema): z.infer<Schema> {
  const parsed = schema.safeParse(call.body ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new BadBody(issue?.path.join('.') ?? '', issue?.message ?? '');
}
