import { randomBytes } from 'node:crypto';
import type { GitHub } from '../../git/github.js';
import { isSameSecret } from '../../secret.js';
import type { Dialect } from '../core/dialect.js';
import { type Ability, type Answer, BadBody, type ForgeRequest, findRoute, Refused } from './call.js';
import type { ApiFault } from './fault.js';

/** Who may ask, and for what. */
export class Tokens {
  readonly own = `sandbox_${randomBytes(20).toString('hex')}`;
  readonly #bot: string;
  readonly #accepts: (token: string) => boolean;
  #forbidden: readonly Ability[] = [];

  constructor(bot: string, accepts: (token: string) => boolean) {
    this.#bot = bot;
    this.#accepts = accepts;
  }

  userOf(token: string): string | undefined {
    return isSameSecret(token, this.own) || this.#accepts(token) ? this.#bot : undefined;
  }

  forbid(abilities: readonly Ability[]): void {
    this.#forbidden = abilities;
  }

  lacks(ability: Ability): Ability | undefined {
    return (['read', ability] as const).find((needed) => this.#forbidden.includes(needed));
  }
}

interface AnswererOptions {
  readonly dialect: Dialect;
  readonly tokens: Tokens;
  readonly app: GitHub | undefined;
}

export function answerer({ dialect, tokens, app }: AnswererOptions) {
  const { refuse, routes } = dialect;

  async function answer(request: ForgeRequest, url: string): Promise<Answer> {
    if (app && isForApp(request)) return passOn(app, request);
    const token = dialect.tokenOf(request);
    const user = token === undefined ? undefined : tokens.userOf(token);
    if (user === undefined) return withHeaders(refuse.badToken(token !== undefined));
    const found = findRoute(routes, request.method, request.path);
    if (!found) return withHeaders(refuse.notFound());
    const lacking = tokens.lacks(found.route.needs);
    if (lacking) return withHeaders(refuse.lacks(lacking, request.method));
    const search = new URLSearchParams(request.query);
    const call = { ...request, params: found.params, search, url, user };
    try {
      return withHeaders(await found.route.run(call));
    } catch (error) {
      if (error instanceof Refused) return withHeaders(error.answer);
      if (error instanceof BadBody) return withHeaders(refuse.badBody(error.field, error.message));
      throw error;
    }
  }

  const withHeaders = (answer: Answer): Answer => ({ ...answer, headers: { ...dialect.headers(), ...answer.headers } });

  return {
    answer,
    refuse(fault: ApiFault): Answer | undefined {
      if (fault.is === 'badToken') return withHeaders(refuse.badToken(true));
      if (fault.is === 'rateLimit' || fault.is === 'secondaryLimit') return withHeaders(refuse.limit(fault));
      if (fault.is !== 'status') return undefined;
      const { status, body = 'Sorry, something went wrong\n', headers = {} } = fault;
      return { status, body, headers };
    },
    /** Outside of the API are only the pages, which nobody reads, and the tokens of an App as github.com has them. */
    async other(request: ForgeRequest): Promise<Answer> {
      return app && isForApp(request) ? passOn(app, request) : { status: 404, body: 'Not Found\n' };
    },
  };
}

function isForApp({ path }: ForgeRequest): boolean {
  return path.startsWith('/app/installations/');
}

async function passOn(app: GitHub, { method, path, headers }: ForgeRequest): Promise<Answer> {
  const answer = await fetch(`${app.api}${path}`, {
    method,
    headers: { authorization: headers.authorization ?? '', accept: 'application/json' },
  });
  const limits = [...answer.headers].filter(([name]) => name.startsWith('x-ratelimit-'));
  return { status: answer.status, body: await answer.json(), headers: Object.fromEntries(limits) };
}
