import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Joins calls: the work begins in the next turn of the event loop, once for all who asked until then. Nobody gets an answer
 * to a question that was put before he asked.
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
