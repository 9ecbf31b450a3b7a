/** A page of a list, and whether it is the last one. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly isLast: boolean;
}

/** All items of a list, page by page from 1. A list that is longer than `max` pages is cut. */
export async function allPages<Item>(max: number, read: (page: number) => Promise<Page<Item>>): Promise<Item[]> {
  const all: Item[] = [];
  for (let page = 1; page <= max; page++) {
    const { items, isLast } = await read(page);
    all.push(...items);
    if (isLast || items.length === 0) break;
  }
  return all;
}
