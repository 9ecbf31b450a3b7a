import { createRequesterFn } from '@gitbeaker/requester-utils';
import type { ForgeHttp } from './http.js';

interface Options {
  readonly method?: string;
  readonly searchParams?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** Gitbeaker's own requester waits and repeats by itself, and has no bounds. */
export function requesterBy(http: ForgeHttp): ReturnType<typeof createRequesterFn> {
  return createRequesterFn(
    async (_, options) => options,
    async (endpoint, options = {}) => {
      const { method, searchParams, headers, body } = options as Options;
      const query = searchParams ? `?${searchParams}` : '';
      const response = await http.fetch(`${http.api}/${endpoint}${query}`, { method, headers, body });
      const text = await response.text();
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: text === '' ? {} : JSON.parse(text),
      };
    },
  );
}
