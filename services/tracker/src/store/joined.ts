import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Joins calls: the work begins in the next turn of the event loop, once for all calls until then. No call gets the result of work
 * that began before the call.
 */
export function joined<T>(work: () => Promise<T>): () => Promise<T> {
  let next: Promise<T> | undefined;
  const begin = async (): Promise<T> => {
    await nextTurn();
    next = undefined;
    return work();
  };
  return () => {
    next ??= begin();
    return next;
  };
}
