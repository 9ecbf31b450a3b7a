/** No registry had a webhook before this. */
const earliest = Date.UTC(2010, 0);

const isoDateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

/**
 * The push time that a sender gives, in seconds since 1970 or as an ISO 8601 date. It orders a lane, so the time of
 * receipt replaces a value that cannot be a push time. That includes a time after receipt: if the sender's clock is
 * ahead, its push must not overtake the next ones.
 */
export function pushTime(at: unknown, receivedAt: Date): Date {
  const ms = milliseconds(at);
  return ms >= earliest && ms <= receivedAt.getTime() ? new Date(ms) : receivedAt;
}

function milliseconds(at: unknown): number {
  if (typeof at === 'number') return Math.round(at * 1000);
  return typeof at === 'string' && at.length <= 64 && isoDateTime.test(at) ? Date.parse(at) : Number.NaN;
}
