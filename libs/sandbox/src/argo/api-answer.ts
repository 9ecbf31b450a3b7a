import type { Status } from './status.js';

export interface Answer {
  readonly code: number;
  readonly json: string;
  readonly headers?: Record<string, string>;
}

/** The answer for an unknown path is plain text; all others are JSON. */
export const noSuchPath: Answer = {
  code: 404,
  json: '404 page not found\n',
  headers: { 'Content-Type': 'text/plain' },
};

/** The answer that refuses a request. */
export function failure(body: Status): Answer {
  const retryAfter = body.details?.['retryAfterSeconds'];
  const headers = retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) };
  return { code: body.code ?? 500, json: JSON.stringify(body), headers };
}
