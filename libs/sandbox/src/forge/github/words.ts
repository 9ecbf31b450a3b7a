import type { Dialect } from '../core/dialect.js';
import { type Answer, Refused } from '../http/call.js';
import type { Paging } from '../http/page.js';

const documentation = 'https://docs.github.com/rest';

function says(status: number, message: string, errors?: readonly unknown[]): Answer {
  const body = { message, ...(errors && { errors }), documentation_url: documentation, status: String(status) };
  return { status, body };
}

export function refuse(status: number, message: string, errors?: readonly unknown[]): never {
  throw new Refused(says(status, message, errors));
}

export const paging: Paging = { size: 'per_page', usual: 30, most: 100, headers: () => ({}) };

const hourly = 5_000;

/** The headers that every answer has. The stand-in counts no requests: `fail` says when they are used up. */
export function headers(): Record<string, string> {
  return {
    'x-github-media-type': 'github.v3; format=json',
    ...limits({ remaining: hourly - 1, resetAt: new Date(Date.now() + 3_600_000) }),
  };
}

function limits({ remaining, resetAt }: { remaining: number; resetAt: Date }): Record<string, string> {
  return {
    'x-ratelimit-limit': String(hourly),
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-used': String(hourly - remaining),
    'x-ratelimit-reset': String(Math.ceil(resetAt.getTime() / 1_000)),
    'x-ratelimit-resource': 'core',
  };
}

export const refusals: Dialect['refuse'] = {
  badToken: (hasToken) => says(401, hasToken ? 'Bad credentials' : 'Requires authentication'),
  // GitHub hides what a token may not see, and names what it may not write.
  lacks: (needs, method) =>
    needs === 'read' || method === 'GET'
      ? says(404, 'Not Found')
      : says(403, 'Resource not accessible by personal access token'),
  notFound: () => says(404, 'Not Found'),
  badBody: (field, why) => says(422, `Invalid request.\n\n${field}: ${why}`),
  limit(fault) {
    if (fault.is === 'rateLimit') {
      const answer = says(403, 'API rate limit exceeded for user ID 100.');
      return { ...answer, headers: limits({ remaining: 0, resetAt: fault.resetAt }) };
    }
    const message =
      'You have exceeded a secondary rate limit. Please wait a few minutes before you try again. If you reach out to GitHub Support for help, please include the request ID.';
    return { ...says(fault.status ?? 403, message), headers: { 'retry-after': String(fault.retryAfterS) } };
  },
};
