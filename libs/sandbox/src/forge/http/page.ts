import type { Answer, Call } from './call.js';

export interface Paging {
  /** The name of the parameter: `per_page` or `limit`. */
  readonly size: string;
  readonly usual: number;
  readonly most: number;
  /** Headers besides Link. */
  readonly headers: (at: { page: number; size: number; pages: number; total: number }) => Record<string, string>;
}

/** One page of a list, with the Link header that all three forges send. */
export function page<T>(call: Call, items: readonly T[], paging: Paging, show: (item: T) => unknown): Answer {
  const number = Math.max(1, positive(call.search.get('page')) ?? 1);
  const size = Math.min(paging.most, positive(call.search.get(paging.size)) ?? paging.usual);
  const total = items.length;
  const pages = Math.max(1, Math.ceil(total / size));
  const at = { page: number, size, pages, total };
  const link = links(call, number, pages);
  return {
    status: 200,
    body: items.slice((number - 1) * size, number * size).map(show),
    headers: { ...(link && { link }), ...paging.headers(at) },
  };
}

function links(call: Call, page: number, pages: number): string {
  const to = (number: number, rel: string) => {
    const search = new URLSearchParams(call.search);
    search.set('page', String(number));
    return `<${call.url}?${search}>; rel="${rel}"`;
  };
  return [
    ...(page < pages ? [to(page + 1, 'next'), to(pages, 'last')] : []),
    ...(page > 1 ? [to(1, 'first'), to(page - 1, 'prev')] : []),
  ].join(', ');
}

function positive(text: string | null): number | undefined {
  const number = Number(text);
  return text !== null && Number.isSafeInteger(number) && number > 0 ? number : undefined;
}
