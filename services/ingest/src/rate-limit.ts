/** How many webhooks each sender may post: a token bucket for each, full at the start. Pure: it takes the time. */
export class RateLimit {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  /** 0 per second is no limit. A sender may catch up on ten seconds at once: a release announces many images together. */
  constructor(perSecond: number, burst = 10 * perSecond) {
    this.#perSecond = perSecond;
    this.#burst = burst;
  }

  /** Takes a token of this sender. Returns 0, or after how many seconds there is one again. */
  take(sender: string, now: Date): number {
    if (this.#perSecond === 0) return 0;
    const at = now.getTime();
    const before = this.#buckets.get(sender) ?? { tokens: this.#burst, at };
    // A clock that is set back fills no bucket.
    const gained = (Math.max(0, at - before.at) / 1000) * this.#perSecond;
    const tokens = Math.min(this.#burst, before.tokens + gained);
    const isAllowed = tokens >= 1;
    this.#buckets.set(sender, { tokens: isAllowed ? tokens - 1 : tokens, at });
    return isAllowed ? 0 : Math.ceil((1 - tokens) / this.#perSecond);
  }
}
