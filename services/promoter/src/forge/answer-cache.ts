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
export class AnswerCache {
  readonly #answers = new Map<string, KnownAnswer>();
  readonly #maxCharacters: number;
  #characters = 0;

  constructor(maxCharacters = 16_000_000) {
    this.#maxCharacters = maxCharacters;
  }

  get(url: string): KnownAnswer | undefined {
    const known = this.#answers.get(url);
    if (!known) return undefined;
    // The map is ordered by the last use.
    this.#answers.delete(url);
    this.#answers.set(url, known);
    return known;
  }

  set(url: string, answer: KnownAnswer): void {
    this.#delete(url);
    const characters = sizeOf(url, answer);
    if (characters > this.#maxCharacters / 16) return;
    this.#answers.set(url, answer);
    this.#characters += characters;
    for (const oldest of this.#answers.keys()) {
      if (this.#characters <= this.#maxCharacters) return;
      this.#delete(oldest);
    }
  }

  #delete(url: string): void {
    const known = this.#answers.get(url);
    if (!known) return;
    this.#characters -= sizeOf(url, known);
    this.#answers.delete(url);
  }
}

/** Of an empty list, the headers are nearly all. */
function sizeOf(url: string, { headers, body }: KnownAnswer): number {
  return Object.entries(headers)
    .flat()
    .reduce((sum, text) => sum + text.length, url.length + body.length);
}
