/** The value that this share of the values does not exceed. */
export function percentile(ascending: readonly number[], share: number): number {
  return ascending[Math.max(0, Math.ceil(ascending.length * share) - 1)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  const ascending = [...values].sort((one, other) => one - other);
  const middle = Math.floor(ascending.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [ascending[Math.ceil(ascending.length / 2) - 1], ascending[middle]];
  return (low + high) / 2;
}
