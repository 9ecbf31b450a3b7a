import { speaker } from '@k8sta/contracts';

/** Somebody whom the board, or the proxy in front of it, has authenticated. */
export interface Person {
  /** As the bus names them. */
  readonly name: string;
  readonly groups: readonly string[];
}

/** More groups than a directory gives to one person. */
const mostGroups = 1_000;

/** Undefined if the name cannot be on the bus. */
export function personOf(name: unknown, groups: unknown): Person | undefined {
  const read = speaker.safeParse(name);
  if (!read.success) return undefined;
  const listed = Array.isArray(groups) ? groups : typeof groups === 'string' ? [groups] : [];
  return { name: read.data, groups: listed.filter((each) => typeof each === 'string').slice(0, mostGroups) };
}
