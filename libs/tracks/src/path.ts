/** The keys and indices that lead to a part of a file's content. */
export type Path = readonly PropertyKey[];

/** The value at the path; undefined if there is no value. */
export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce((at, step) => {
    return typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[step] : undefined;
  }, value);
}
