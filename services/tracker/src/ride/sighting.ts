import type { DataOf } from '@k8sta/contracts';
import type { Sighting } from './state.js';

/**
 * Whether an observation is no newer than what is known. The order is resourceVersion as an unsigned integer within one
 * object, and the time of creation between two objects of one name; never the order of arrival.
 */
export function isOlder(observed: Sighting['observed'], known: Sighting): boolean {
  if (observed.uid !== known.observed.uid) {
    return Date.parse(observed.createdAt) < Date.parse(known.observed.createdAt);
  }
  return BigInt(observed.resourceVersion) <= BigInt(known.goneAt ?? known.observed.resourceVersion);
}

/** The same for a project: by resourceVersion within one object. */
export function isOlderProject(observed: DataOf<'project.observed'>, known: DataOf<'project.observed'>): boolean {
  return observed.uid === known.uid && BigInt(observed.resourceVersion) <= BigInt(known.resourceVersion);
}
