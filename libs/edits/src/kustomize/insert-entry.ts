import { isCollection, isMap, isPair, isScalar, isSeq, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import { FileInvalid } from '../file-invalid.js';
import { offsetOf, rangeOf, type Splice, scalarOf, type YamlFile } from '../yaml-file.js';
import { columnOf, endOf, insertLines } from '../yaml-insert.js';
import { formatScalar, type Quote } from '../yaml-scalar.js';
import { pairOf } from './kustomization.js';

type Entry = readonly (readonly [key: string, value: string])[];

/** Inserts an entry behind the last one of `images:`, or a new `images:` at the end of the file. */
export function insertEntry(file: YamlFile, entry: Entry): Splice[] {
  const root = file.document.contents;
  if (!isMap(root)) return [endOfFile(file, ['images:', ...linesOf(entry, '', 1)])];
  const pair = pairOf(root, 'images');
  if (root.flow) return [intoFlow(file, root, pair, entry)];
  if (!pair) return [newList(file, root, entry)];
  const list: unknown = pair.value;
  if (isSeq(list) && list.items.length > 0) {
    return [list.flow ? intoFlow(file, root, pair, entry) : behindLast(file, list, entry)];
  }
  const indent = ' '.repeat(columnOf(file.text, root.items[0]?.key) + listIndent(file, root));
  const lines = insertLines(file, pair, linesOf(entry, indent, 1));
  return isSeq(list) ? [removed(file, pair, list), lines] : [lines];
}

function newList(file: YamlFile, root: YAMLMap, entry: Entry): Splice {
  const key = ' '.repeat(columnOf(file.text, root.items[0]?.key));
  const lines = [`${key}images:`, ...linesOf(entry, key + ' '.repeat(listIndent(file, root)), 1)];
  return endOfFile(file, lines, root);
}

function endOfFile(file: YamlFile, lines: readonly string[], root?: YAMLMap): Splice {
  // Behind the mark of the document's end, another document begins.
  const isEnded = /^\.\.\.\s*$/m.test(file.text.slice(root ? endOf(file.text, root) : 0));
  if (isEnded && !root) throw new FileInvalid('is empty but for the mark of its end');
  return insertLines(file, isEnded ? root : undefined, lines);
}

/** An entry in the style of the last one: of the same indentation, in braces where that is. */
function behindLast(file: YamlFile, list: YAMLSeq, entry: Entry): Splice {
  const last = list.items.at(-1);
  const indent = ' '.repeat(columnOf(file.text, list));
  const gap = Math.max(1, columnOf(file.text, last) - columnOf(file.text, list) - 1);
  if (!isMap(last) || !last.flow) return insertLines(file, last, linesOf(entry, indent, gap));
  return insertLines(file, last, [`${indent}-${' '.repeat(gap)}${inBraces(entry, quoteOfKeys(last))}`]);
}

/** Into a list in brackets, or a file in braces such as JSON: behind what is there, on the same line. */
function intoFlow(file: YamlFile, root: YAMLMap, pair: Pair | undefined, entry: Entry): Splice {
  const quote = quoteOfKeys(root);
  if (!pair) {
    const text = `${quote}images${quote}: [${inBraces(entry, quote)}]`;
    return behindItems(file, root, text);
  }
  const list: unknown = pair.value;
  if (!isSeq(list)) {
    throw new FileInvalid(`\`images\` has no value to add to (${file.place(offsetOf(pair.key) ?? 0)})`);
  }
  const last = list.items.at(-1);
  return behindItems(file, list, inBraces(entry, isMap(last) ? quoteOfKeys(last) : quote));
}

function behindItems({ text }: YamlFile, collection: YAMLMap | YAMLSeq, item: string): Splice {
  const last: unknown = collection.items.at(-1);
  if (last === undefined) {
    const at = (collection.range?.[0] ?? 0) + 1;
    return { start: at, end: at, text: item };
  }
  const node = isPair(last) ? (last.value ?? last.key) : last;
  // A collection in brackets ends behind its bracket.
  const at = isCollection(node) ? (node.range?.[1] ?? 0) : endOf(text, node);
  return { start: at, end: at, text: `, ${item}` };
}

/** Removes the brackets of an empty list, and the spaces before them. */
function removed({ text }: YamlFile, pair: Pair, list: YAMLSeq): Splice {
  const [start, end] = list.range ?? [0, 0];
  if (text.slice(start, end).includes('#')) throw new FileInvalid('`images` is an empty list with a comment in it');
  const colon = text.indexOf(':', rangeOf(scalarOf({ place: () => 'images' }, pair.key))[1]);
  return { start: colon + 1, end, text: '' };
}

function linesOf(entry: Entry, indent: string, gap: number): string[] {
  return entry.map(([key, value], index) => {
    const dash = index === 0 ? `-${' '.repeat(gap)}` : ' '.repeat(1 + gap);
    return `${indent}${dash}${key}: ${formatScalar(value, '')}`;
  });
}

function inBraces(entry: Entry, quote: Quote): string {
  const pairs = entry.map(([key, value]) => `${quote}${key}${quote}: ${formatScalar(value, quote)}`);
  return `{${pairs.join(', ')}}`;
}

/** JSON needs quotes. */
function quoteOfKeys(map: YAMLMap): Quote {
  const key = map.items.at(-1)?.key;
  return isScalar(key) && key.type === 'QUOTE_DOUBLE' ? '"' : '';
}

/** By how much the file indents its lists. */
function listIndent({ text }: YamlFile, root: YAMLMap): number {
  const like = root.items.find(({ value }) => isSeq(value) && !value.flow && value.items.length > 0);
  return like ? Math.max(0, columnOf(text, like.value) - columnOf(text, root.items[0]?.key)) : 0;
}
