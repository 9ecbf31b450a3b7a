import { createHash } from 'node:crypto';
import { sanitizeLine, tryParseJson } from '@k8sta/text';
import { type Dispatcher, request } from 'undici';
import { z } from 'zod';
import type { ForgeAccess } from '../credentials/access.js';
import { redact } from '../git/redact.js';
import type { AnswerCache } from './answer-cache.js';
import { type Dispatchers, maxAnswerBytes } from './dispatchers.js';
import { ForgeFault } from './forge.js';
import { rateLimitPause, retryAfter } from './pause.js';
import { Refusal } from './refusal.js';

/** What all clients share. */
export interface Network {
  readonly dispatchers: Dispatchers;
  readonly answers: AnswerCache;
  /** Until when the forge asked us to wait, by API and token, in milliseconds since the epoch. */
  readonly pauses: Map<string, number>;
  readonly now: () => number;
}

export interface ForgeHttpOptions extends Network {
  /** For messages, such as `GitHub`. */
  readonly name: string;
  /** The base URL of the API. Nothing else gets the token. */
  readonly api: string;
  /** The token for the next request: it may have been replaced. */
  readonly access: () => ForgeAccess;
}

/** The part of fetch's parameters that the clients use. */
export interface Init {
  readonly method?: string | undefined;
  readonly headers?: ConstructorParameters<typeof Headers>[0];
  readonly body?: unknown;
}

interface Exchange {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: string | undefined;
  readonly access: ForgeAccess;
}

interface Received {
  readonly status: number;
  readonly headers: Dispatcher.ResponseData['headers'];
  readonly text: string;
}

type Failure = Error & { readonly code?: string; readonly cause?: Error };

const timeoutMs = 10_000;
const maxRedirects = 3;

/**
 * Sends the requests of the API clients, as their `fetch`. It adds the token, bounds time and size, and throws what is not
 * an answer: a {@link Refusal} for 4xx, a {@link ForgeFault} for everything else. The clients neither wait nor repeat.
 */
export class ForgeHttp {
  readonly name: string;
  readonly api: string;
  readonly now: () => number;
  readonly #options: ForgeHttpOptions;
  readonly #timeoutMs: number;

  constructor(options: ForgeHttpOptions, limits: { readonly timeoutMs?: number } = {}) {
    this.name = options.name;
    this.api = options.api;
    this.now = options.now;
    this.#options = options;
    this.#timeoutMs = limits.timeoutMs ?? timeoutMs;
  }

  readonly fetch = async (url: string, { method = 'GET', headers, body }: Init = {}): Promise<Response> => {
    const access = this.#options.access();
    const exchange: Exchange = {
      method,
      headers: { ...Object.fromEntries(new Headers(headers)), ...ours, authorization: `Bearer ${access.token}` },
      body: typeof body === 'string' ? body : undefined,
      access,
    };
    this.#throwInPause(access);
    if (method !== 'GET') return responseOf(await this.#follow(url, exchange));
    const known = this.#options.answers.get(url);
    if (known) exchange.headers['if-none-match'] = known.etag;
    const received = await this.#follow(url, exchange);
    if (received.status === 304 && known) return new Response(known.body, { headers: known.headers });
    const response = responseOf(received);
    const etag = response.headers.get('etag');
    if (etag) {
      this.#options.answers.set(url, { etag, headers: Object.fromEntries(response.headers), body: received.text });
    }
    return response;
  };

  /** Follows redirects, which a repository has after it was renamed, but never to another host. */
  async #follow(url: string, exchange: Exchange): Promise<Received> {
    let target = url;
    for (let hops = 0; hops <= maxRedirects; hops++) {
      if (new URL(target).origin !== new URL(this.api).origin) break;
      const received = await this.#send(target, exchange);
      const { status, headers } = received;
      if (status < 300 || status === 304) return this.#readable(received);
      if (status >= 400) throw this.#refusal(received, exchange.access);
      const next = URL.parse(String(headers['location'] ?? ''), target);
      const keepsMethod = status === 307 || status === 308;
      if (!next || (exchange.method !== 'GET' && !keepsMethod)) break;
      target = next.href;
    }
    throw new ForgeFault(
      `${this.name} redirects to another address, and the token is not sent there: give the Application the present address of the repository, or set forgeApi`,
      { needsPerson: true },
    );
  }

  async #send(url: string, { method, headers, body, access }: Exchange): Promise<Received> {
    const dispatcher = this.#options.dispatchers.for(access.route);
    const signal = AbortSignal.timeout(this.#timeoutMs);
    try {
      const answer = await request(url, { method, headers, body: body ?? null, dispatcher, signal });
      return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
    } catch (error) {
      throw new ForgeFault(`${this.name} at ${this.api} ${this.#whyNot(error as Failure, access, signal)}`);
    }
  }

  /** The clients would throw errors of their own at a body that is not JSON. */
  #readable(received: Received): Received {
    const { status, text } = received;
    if (text === '' || tryParseJson(text) !== undefined) return received;
    throw new ForgeFault(
      `${this.name} at ${this.api} answered ${status} with a body that is not JSON: it may come from a proxy or a sign-in page`,
    );
  }

  #whyNot(error: Failure, access: ForgeAccess, signal: AbortSignal): string {
    if (signal.aborted) return `did not answer within ${this.#timeoutMs / 1_000} s`;
    if (error.code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return `answered more than ${maxAnswerBytes / 1_000_000} MB`;
    return `cannot be reached: ${quotable(error.cause?.message ?? error.message, access)}`;
  }

  #refusal({ status, headers, text }: Received, access: ForgeAccess): Refusal | ForgeFault {
    const now = this.#options.now();
    const said = quotable(saidBy(text), access);
    const quoted = said === '' ? '' : ` (${said})`;
    const pause = rateLimitPause({ status, headers, said }, now);
    if (pause !== undefined) {
      this.#options.pauses.set(this.#pauseKey(access), now + pause);
      const message = `${this.name} at ${this.api} answered ${status}: it limits requests${quoted}`;
      return new ForgeFault(message, { retryAfterMs: pause });
    }
    if (status >= 500) {
      const retryAfterMs = retryAfter(headers, now);
      const message = `${this.name} at ${this.api} answered ${status} (server error)${quoted}`;
      return new ForgeFault(message, retryAfterMs === undefined ? {} : { retryAfterMs });
    }
    if (status === 401) access.onRejection();
    const accepted = headers['x-accepted-github-permissions'] ?? headers['x-accepted-oauth-scopes'] ?? '';
    return new Refusal({ status, said, accepted: quotable(String(accepted), access, 200) });
  }

  /** GitHub bans a token that goes on asking while it is limited. */
  #throwInPause(access: ForgeAccess): void {
    const { pauses, now } = this.#options;
    for (const [key, until] of pauses) if (until <= now()) pauses.delete(key);
    const until = pauses.get(this.#pauseKey(access));
    if (until === undefined) return;
    const message = `${this.name} at ${this.api} limits requests, and asked us to wait`;
    throw new ForgeFault(message, { retryAfterMs: until - now() });
  }

  #pauseKey({ token }: ForgeAccess): string {
    return `${this.api} ${createHash('sha256').update(token).digest('hex')}`;
  }
}

const ours = { 'user-agent': 'k8sta' };

function responseOf({ status, headers, text }: Received): Response {
  const pairs = Object.entries(headers).flatMap(([name, value]) => [value ?? []].flat().map((each) => [name, each]));
  const hasBody = status !== 204 && status !== 205 && status !== 304;
  return new Response(hasBody ? text : null, { status, headers: pairs as [string, string][] });
}

function quotable(text: string, { secrets }: ForgeAccess, limit = 300): string {
  return sanitizeLine(redact(text, secrets), limit);
}

/** The refusals of the three: GitLab's `message` may be a list, or an object of lists. */
const refusalSchema = z.looseObject({
  message: z.unknown().optional(),
  error: z.unknown().optional(),
  errors: z.unknown().optional(),
});

function saidBy(body: string): string {
  const parsed = refusalSchema.safeParse(tryParseJson(body)).data;
  if (!parsed) return '';
  return [parsed.message, parsed.error, parsed.errors].flatMap((said) => sentences(said)).join(', ');
}

/** The sentences of a value that is no deeper than those of the three. */
function sentences(said: unknown, depth = 4): string[] {
  if (typeof said === 'string') return said === '' ? [] : [said];
  if (said === null || typeof said !== 'object' || depth === 0) return [];
  if (Array.isArray(said)) return said.slice(0, 5).flatMap((each) => sentences(each, depth - 1));
  const { message } = said as { message?: unknown };
  if (typeof message === 'string') return sentences(message);
  return Object.entries(said)
    .slice(0, 5)
    .flatMap(([key, value]) => sentences(value, depth - 1).map((each) => `${key} ${each}`));
}
