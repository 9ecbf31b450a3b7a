import type { Bus, Unwrapped } from '@k8sta/bus';
import { applicationKey, isGone } from '@k8sta/contracts';
import { type GoneEvent, goneEvent } from './observe.js';

/** A complete list: its Applications, by `namespace/name`, and the resourceVersion it shows. */
export interface Listed {
  readonly keys: ReadonlySet<string>;
  readonly resourceVersion: string;
}

/** Finds the Applications that the bus still has and the list does not: they were deleted while no watcher ran. */
export type FindDeparted = (listed: Listed, now: Date) => Promise<readonly GoneEvent[]>;

/** The last event on the bus. */
type Last<Type extends 'application.observed' | 'application.gone'> = Unwrapped<Type> & { sequence: number };

/** How many Applications are looked up at once. */
const batchSize = 64;

/**
 * Compares a list with the last observations of this instance in these namespaces. All of them count as its own: a watcher
 * with another selector must be another instance, otherwise each would report the other's Applications as gone.
 */
export function departedFrom(
  bus: Pick<Bus, 'stored' | 'last'>,
  instance: string,
  namespace: string | undefined,
): FindDeparted {
  return async (listed, now) => {
    const stored = await bus.stored('application.observed', { instance, ...(namespace && { namespace }) });
    const unlisted = stored.filter((tokens) => !listed.keys.has(applicationKey(tokens)));
    const departed: GoneEvent[] = [];
    for (let start = 0; start < unlisted.length; start += batchSize) {
      const looks = unlisted.slice(start, start + batchSize).map(async (tokens) => {
        const [observed, gone] = await Promise.all([
          bus.last('application.observed', tokens),
          bus.last('application.gone', tokens),
        ]);
        return isDeparted(listed, observed, gone) ? [goneEvent(observed.data, listed.resourceVersion, now)] : [];
      });
      departed.push(...(await Promise.all(looks)).flat());
    }
    return departed;
  };
}

function isDeparted(
  { resourceVersion }: Listed,
  observed: Last<'application.observed'> | undefined,
  gone: Last<'application.gone'> | undefined,
): observed is Last<'application.observed'> {
  if (!observed) return false;
  // Another replica observed it after our list was made; our watch will show it as well.
  if (BigInt(observed.data.resourceVersion) > BigInt(resourceVersion)) return false;
  return !isGone(observed, gone);
}
