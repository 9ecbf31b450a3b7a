/**
 * How long to wait after so many failures in a row, in milliseconds: from a quarter of a second, doubling up to 30 s. The
 * jitter keeps replicas that failed together from retrying together. `random` is from 0 to 1.
 */
export function backoffMs(failures: number, random: number): number {
  const ceilingMs = Math.min(30_000, 250 * 2 ** Math.min(failures - 1, 10));
  return Math.round(ceilingMs * (0.5 + random / 2));
}
