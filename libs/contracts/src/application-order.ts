/** The fields that order the observations of one Application. */
export interface ApplicationVersion {
  readonly uid: string;
  readonly createdAt: string;
  readonly resourceVersion: string;
}

/**
 * Negative if `one` is older than `other`, 0 if they are the same. The resourceVersion orders the versions of one object,
 * and the time of creation orders two objects of one name; the order of arrival says nothing.
 */
export function compareVersions(one: ApplicationVersion, other: ApplicationVersion): number {
  const created = Date.parse(one.createdAt) - Date.parse(other.createdAt);
  if (one.uid !== other.uid && created !== 0) return created;
  // With 64 bits or more, two neighbours may be equal as numbers.
  const difference = BigInt(one.resourceVersion) - BigInt(other.resourceVersion);
  return difference < 0n ? -1 : Number(difference > 0n);
}

/** An event of an Application, as the bus has stored it. */
interface StoredEvent {
  readonly data: { readonly uid: string };
  readonly sequence: number;
}

/** Whether the last `application.gone` is about the object that was last observed, and later than that observation. */
export function isGone(observed: StoredEvent, gone: StoredEvent | undefined): boolean {
  return gone?.data.uid === observed.data.uid && gone.sequence > observed.sequence;
}
