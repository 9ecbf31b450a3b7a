import type { Dialect } from '../core/dialect.js';
import { type Answer, Refused } from '../http/call.js';
import type { Paging } from '../http/page.js';

function says(status: number, message: unknown): Answer {
  return { status, body: { message } };
}

export function refuse(status: number, message: unknown): never {
  throw new Refused(says(status, message));
}

export const paging: Paging = {
  ...{ size: 'per_page', usual: 20, most: 100 },
  headers: ({ page, size, pages, total }) => ({
    'x-page': String(page),
    'x-per-page': String(size),
    'x-total': String(total),
    'x-total-pages': String(pages),
    'x-next-page': page < pages ? String(page + 1) : '',
    'x-prev-page': page > 1 ? String(page - 1) : '',
  }),
};

const perMinute = 2_000;

export function headers(): Record<string, string> {
  return limits(perMinute - 1, new Date(Date.now() + 60_000));
}

function limits(remaining: number, resetAt: Date): Record<string, string> {
  return {
    'ratelimit-limit': String(perMinute),
    'ratelimit-observed': String(perMinute - remaining),
    'ratelimit-remaining': String(remaining),
    'ratelimit-reset': String(Math.ceil(resetAt.getTime() / 1_000)),
  };
}

export const refusals: Dialect['refuse'] = {
  badToken: () => says(401, '401 Unauthorized'),
  // A token sees all projects of its user: `read` missing is a project of which the user is not a member.
  lacks: (needs) =>
    needs === 'read'
      ? says(404, '404 Project Not Found')
      : {
          status: 403,
          body: {
            error: 'insufficient_scope',
            error_description: 'The request requires higher privileges than provided by the access token.',
            scope: 'api',
          },
        },
  notFound: () => ({ status: 404, body: { error: '404 Not Found' } }),
  badBody: (field, why) => ({ status: 400, body: { error: `${field} is invalid: ${why}` } }),
  limit(fault) {
    if (fault.is === 'rateLimit') {
      const retryAfterS = Math.max(1, Math.ceil((fault.resetAt.getTime() - Date.now()) / 1_000));
      const headers = { ...limits(0, fault.resetAt), 'retry-after': String(retryAfterS) };
      return { status: 429, body: 'Retry later\n', headers };
    }
    const error = 'This endpoint has been requested too many times. Try again later.';
    const headers = { 'retry-after': String(fault.retryAfterS) };
    return { status: fault.status ?? 429, body: { message: { error } }, headers };
  },
};
