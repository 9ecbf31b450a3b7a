import type { Dialect } from '../core/dialect.js';
import { type Ability, type Answer, Refused } from '../http/call.js';
import type { Paging } from '../http/page.js';

const swagger = 'https://gitea.example.com/api/swagger';

function says(status: number, message: string): Answer {
  return { status, body: { message, url: swagger } };
}

export function refuse(status: number, message: string): never {
  throw new Refused(says(status, message));
}

export function refuseMissing(): never {
  throw new Refused(refusals.notFound());
}

export const paging: Paging = {
  ...{ size: 'limit', usual: 30, most: 50 },
  headers: ({ total }) => ({ 'x-total-count': String(total) }),
};

const scopes: Record<Exclude<Ability, 'read'>, string> = {
  pulls: 'repository',
  contents: 'repository',
  checks: 'repository',
  statuses: 'repository',
  deployments: 'repository',
  issues: 'issue',
};

export const refusals: Dialect['refuse'] = {
  badToken: (hasToken) =>
    hasToken ? says(401, 'invalid username, password or token') : says(401, 'token is required'),
  lacks(needs, method) {
    if (needs === 'read') return refusals.notFound();
    const scope = scopes[needs];
    const wanted = `${method === 'GET' ? 'read' : 'write'}:${scope}`;
    const has = method === 'GET' ? 'read:user' : `read:${scope}`;
    return says(403, `token does not have at least one of required scope(s), required=[${wanted}], token scope=${has}`);
  },
  notFound: () => ({ status: 404, body: { errors: [], message: "The target couldn't be found.", url: swagger } }),
  badBody: (field, why) => says(422, `[]: ${field}: ${why}`),
  // Gitea has no limits of its own; the proxy before it has.
  limit(fault) {
    const wait = fault.is === 'rateLimit' ? (fault.resetAt.getTime() - Date.now()) / 1_000 : fault.retryAfterS;
    const retryAfterS = Math.max(1, Math.ceil(wait));
    return { status: 429, body: 'Too Many Requests\n', headers: { 'retry-after': String(retryAfterS) } };
  },
};
