/** The same text for the same data, in whatever order its keys are. */
export function canonicalText(data: unknown): string {
  return JSON.stringify(inOrder(data));
}

function inOrder(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(inOrder);
  if (typeof data !== 'object' || data === null) return data;
  const pairs = Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1));
  // A mapping and a list of pairs must not have the same text.
  return { pairs: pairs.map(([key, value]) => [key, inOrder(value)]) };
}
