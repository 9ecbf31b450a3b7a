import { retryAfterMs } from '@k8sta/text';

/** An answer that may ask us to wait. The names of its headers are in lower case. */
export interface Refused {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The message of the answer. */
  readonly said: string;
}

const maxPauseMs = 60 * 60_000;
/** What GitHub asks for where it names no time. */
const unnamedPauseMs = 60_000;

/**
 * How long the forge asks us to wait, in milliseconds; undefined if it does not refuse for too many requests.
 *
 * GitHub: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
 * GitLab: https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/#response-headers
 */
export function rateLimitPause({ status, headers, said }: Refused, now: number): number | undefined {
  if (status !== 429 && status !== 403) return undefined;
  const after = retryAfter(headers, now);
  if (after !== undefined) return after;
  const isUsedUp = headers['x-ratelimit-remaining'] === '0' || headers['ratelimit-remaining'] === '0';
  // A secondary limit of GitHub may be named by the message alone.
  if (status === 403 && !isUsedUp && !/rate limit|abuse detection/i.test(said)) return undefined;
  const reset = Number(headers['x-ratelimit-reset'] ?? headers['ratelimit-reset']) * 1_000;
  return isUsedUp && reset > now ? bounded(reset - now) : unnamedPauseMs;
}

/** What `retry-after` asks for, in milliseconds. */
export function retryAfter(headers: Refused['headers'], now: number): number | undefined {
  const pause = retryAfterMs([headers['retry-after']].flat()[0], now);
  return pause === undefined ? undefined : bounded(pause);
}

function bounded(pause: number): number {
  return Math.min(Math.max(pause, 1_000), maxPauseMs);
}
