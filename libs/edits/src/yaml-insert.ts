import { isCollection, isMap, isPair, isScalar, type Node, type Pair, type YAMLMap } from 'yaml';
import type { Splice, YamlFile } from './yaml-file.js';

/** The line end that a file uses. */
function lineEnd(text: string): '\n' | '\r\n' {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

/**
 * Inserts whole lines behind the line on which a node ends, or at the end of the file without one. Where the last line
 * of the file has no line end, it gets one, and the new last line has none.
 */
export function insertLines({ text }: Pick<YamlFile, 'text'>, behind: unknown, lines: readonly string[]): Splice {
  const eol = lineEnd(text);
  const newline = behind === undefined ? -1 : text.indexOf('\n', endOf(text, behind));
  const at = newline < 0 ? text.length : newline + 1;
  if (at > 0 && text[at - 1] !== '\n') return { start: at, end: at, text: lines.map((line) => eol + line).join('') };
  return { start: at, end: at, text: lines.map((line) => line + eol).join('') };
}

/** The offset behind the last character of a node that is not white space. */
export function endOf(text: string, node: unknown): number {
  let end = lastOffset(node);
  // A block of text ends behind its line end.
  while (end > 0 && /\s/.test(text[end - 1] ?? '')) end--;
  return end;
}

function lastOffset(node: unknown): number {
  if (isPair(node)) return lastOffset(node.value ?? node.key) || lastOffset(node.key);
  if (isCollection(node) && !node.flow && node.items.length > 0) return lastOffset(node.items.at(-1));
  const [start, end] = (node as Node | null)?.range ?? [0, 0];
  return Math.max(start, end);
}

/** The column at which a node begins. */
export function columnOf(text: string, node: unknown): number {
  const [start] = (node as Node).range ?? [0];
  const line = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  // A byte order mark is a character of the first line, and no column.
  return line.startsWith('\uFEFF') ? line.length - 1 : line.length;
}

/** By how many characters the file indents a mapping within a mapping; two where it has none. */
export function indentStep({ text, document }: Pick<YamlFile, 'text' | 'document'>): number {
  const step = isMap(document.contents) ? stepIn(text, document.contents) : undefined;
  return step ?? 2;
}

function stepIn(text: string, map: YAMLMap): number | undefined {
  for (const pair of map.items) {
    if (!isMap(pair.value) || pair.value.flow || pair.value.items.length === 0) continue;
    const step = columnOf(text, keyOf(pair.value.items[0])) - columnOf(text, keyOf(pair));
    if (step > 0) return step;
  }
  return undefined;
}

function keyOf(pair: Pair | undefined): unknown {
  return isScalar(pair?.key) ? pair.key : undefined;
}
