const mostMs = 60 * 60_000;

/**
 * What a server's header Retry-After asks for, in milliseconds and at most an hour: seconds, or a date (RFC 9110, section
 * 10.2.3). Undefined where it asks for nothing. `now` is in milliseconds since the epoch.
 */
export function retryAfterMs(header: string | null | undefined, now: number): number | undefined {
  const text = header?.trim() ?? '';
  // Some servers give fractions of a second.
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), mostMs);
}
