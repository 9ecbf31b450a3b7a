import pLimit from 'p-limit';

/** Does the work for every item, for `count` items at a time. Rejects with the first failure, and starts no more work then. */
export async function atOnce<Item>(
  count: number,
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const limit = pLimit(count);
  try {
    await limit.map(items, work);
  } catch (error) {
    limit.clearQueue();
    throw error;
  }
}
