import { LRUCache } from 'lru-cache';

/** An answer that the forge can confirm by its ETag. */
export interface KnownAnswer {
  readonly etag: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * The last answers by their addresses, for conditional requests: GitHub does not count a 304 against the rate limit
 * (https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api). An answer is used only after
 * the forge has confirmed it to the present token.
 */
export class AnswerCache extends LRUCache<string, KnownAnswer> {
  constructor(maxCharacters = 16_000_000) {
    super({ maxSize: maxCharacters, maxEntrySize: maxCharacters / 16, sizeCalculation: sizeOf });
  }
}

/** Of an empty list, the headers are nearly all. */
function sizeOf({ headers, body }: KnownAnswer, url: string): number {
  return Object.entries(headers)
    .flat()
    .reduce((sum, text) => sum + text.length, url.length + body.length);
}
