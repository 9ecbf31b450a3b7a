import { LRUCache } from 'lru-cache';

/**
 * Remembers what `read` made of the texts that were read last. A plan reads the same files many times, and the next commit
 * leaves nearly all files as they are. Nobody may change what `read` returns. What it throws is not remembered.
 */
export function remembered<T extends object>(read: (text: string) => T, maxCharacters: number): (text: string) => T {
  const known = new LRUCache<string, T>({ maxSize: maxCharacters, sizeCalculation: (_, text) => text.length + 1 });
  return (text) => {
    const found = known.get(text);
    if (found) return found;
    const made = read(text);
    known.set(text, made);
    return made;
  };
}
