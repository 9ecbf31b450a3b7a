import { createRequesterFn } from '@gitbeaker/requester-utils';
import type { ForgeHttp } from './http.js';

interface Options {
  readonly method?: string;
  readonly prefixUrl?: string;
  readonly searchParams?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** Gitbeaker's own requester waits and repeats by itself, and has no bounds. */
export function requesterBy(http: ForgeHttp): ReturnType<typeof createRequesterFn> {
  return createRequesterFn(
    async (_, options) => options,
    async (endpoint, options = {}) => {
      const { method, prefixUrl = '', searchParams, headers, body } = options as Options;
      // Some resources have the first part of their path here, after a host that is not ours.
      const [, prefix = ''] = prefixUrl.split('/api/v4/');
      const path = [prefix, endpoint].filter((each) => each !== '').join('/');
      const query = searchParams ? `?${searchParams}` : '';
      const response = await http.fetch(`${http.api}/${path}${query}`, { method, headers, body });
      const text = await response.text();
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: text === '' ? {} : JSON.parse(text),
      };
    },
  );
}
