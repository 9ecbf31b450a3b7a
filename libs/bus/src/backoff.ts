/** How long to wait after so many failures in a row, in milliseconds: `firstMs`, doubling up to `mostMs`. */
export function doublingMs(failures: number, { firstMs, mostMs }: { firstMs: number; mostMs: number }): number {
  return Math.min(firstMs * 2 ** Math.min(failures - 1, 10), mostMs);
}

/**
 * How long to wait after so many failures in a row, in milliseconds: from a quarter of a second, doubling up to 30 s. The
 * jitter keeps replicas that failed together from retrying together. `random` is from 0 to 1.
 */
export function backoffMs(failures: number, random: number): number {
  const ceilingMs = doublingMs(failures, { firstMs: 250, mostMs: 30_000 });
  return Math.round(ceilingMs * (0.5 + random / 2));
}
