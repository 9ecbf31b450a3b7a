import { type CST, Parser } from 'yaml';

/** A bracket that opens a YAML list or mapping and is never closed. */
export interface Unclosed {
  readonly offset: number;
  readonly message: string;
}

const closing: Record<string, string> = { '[': ']', '{': '}' };

/**
 * Finds the brackets that are never closed, at the place where they open. The YAML parser only reports where the text that
 * follows stops making sense, which is often many lines below.
 */
export function unclosedBrackets(text: string): Unclosed[] {
  const found: Unclosed[] = [];
  // An inner bracket that is closed with the wrong character takes the closing character of the bracket around it.
  let taken = 0;
  for (const { start, end } of flowCollections(text).reverse()) {
    const expected = closing[start.source];
    const actual = end[0]?.source;
    if (actual === expected) continue;
    if (actual !== undefined) taken++;
    else if (taken > 0) {
      taken--;
      continue;
    }
    found.unshift({ offset: start.offset, message: `this "${start.source}" is never closed with "${expected}"` });
  }
  return found;
}

/** In the order in which they open. Not recursive, because text may be nested deeper than the stack. */
function flowCollections(text: string): CST.FlowCollection[] {
  const found: CST.FlowCollection[] = [];
  const waiting: (CST.Token | null | undefined)[] = [...new Parser().parse(text)].reverse();
  while (waiting.length > 0) {
    const token = waiting.pop();
    if (!token) continue;
    if (token.type === 'flow-collection') found.push(token);
    if (token.type === 'document') waiting.push(token.value);
    if ('items' in token) {
      for (const { key, value } of [...token.items].reverse() as CST.CollectionItem[]) waiting.push(value, key);
    }
  }
  return found;
}
