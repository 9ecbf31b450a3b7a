import { formatKeyPath, type KeyPath } from '@k8sta/contracts';
import { isAlias, isMap, isScalar, type Node, type Pair, type YAMLMap } from 'yaml';
import { FileInvalid } from '../file-invalid.js';
import { offsetOf, type Splice, type YamlFile } from '../yaml-file.js';
import { columnOf, endOf, indentStep, insertLines } from '../yaml-insert.js';
import { formatScalar } from '../yaml-scalar.js';

/** The keys beside which a tag belongs. */
const repositoryKey = /(repository|repo|image|name)$/i;

/**
 * Inserts a value at a path whose end the file does not have yet: behind the key of the repository, else behind the last
 * key of its mapping, else as a new mapping at the end of the file. Throws {@link FileInvalid} where that cannot be done.
 */
export function insertValue(file: YamlFile, path: KeyPath, text: string): Splice {
  const { document } = file;
  const spelled = formatScalar(text, '');
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) {
    return insertLines(file, undefined, nested(file, keysOf(path), spelled, 0));
  }
  let map = mapOf(file, document.contents, path);
  for (const [at, key] of path.entries()) {
    const pair = pairOf(map, key);
    if (!pair) return intoMap(file, map, keysOf(path.slice(at)), spelled, at === 0);
    if (isScalar(pair.value) ? pair.value.value === null : pair.value === null) {
      return behindKey(file, map, pair, keysOf(path.slice(at + 1)), spelled);
    }
    map = mapOf(file, pair.value, path);
  }
  throw new FileInvalid(`already has a value at ${formatKeyPath(path)}`);
}

/** Removes the line of a pair in a mapping that has other pairs; undefined where the pair shares its line. */
export function removePair(file: YamlFile, path: KeyPath): Splice | undefined {
  const map = file.document.getIn(path.slice(0, -1), true);
  const pair = isMap(map) ? pairOf(map, path.at(-1) ?? '') : undefined;
  if (!isMap(map) || map.flow || map.items.length < 2 || !pair) return undefined;
  const { text } = file;
  const start = text.lastIndexOf('\n', (offsetOf(pair.key) ?? 0) - 1) + 1;
  const newline = text.indexOf('\n', endOf(text, pair));
  const isAlone = /^ *$/.test(text.slice(start, offsetOf(pair.key)));
  return isAlone && newline >= 0 ? { start, end: newline + 1, text: '' } : undefined;
}

/** A list cannot get an element here, and the key of a list is never inserted. */
function keysOf(path: KeyPath): string[] {
  return path.map((key) => {
    if (typeof key === 'string') return key;
    throw new FileInvalid('does not have the list that the image is in');
  });
}

function mapOf({ place }: YamlFile, node: unknown, path: KeyPath): YAMLMap {
  if (isMap(node)) return node;
  const what = isAlias(node) ? 'an alias' : 'something else than a mapping';
  throw new FileInvalid(`has ${what} on the way to ${formatKeyPath(path)} (${place(offsetOf(node) ?? 0)})`);
}

function pairOf(map: YAMLMap, key: string | number): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
}

function intoMap(file: YamlFile, map: YAMLMap, keys: string[], spelled: string, isRoot: boolean): Splice {
  const last = map.items.at(-1);
  if (map.flow || last === undefined) return intoFlow(map, keys, spelled);
  const indent = columnOf(file.text, map.items[0]?.key);
  const lines = nested(file, keys, spelled, indent);
  if (isRoot && keys.length > 1) return insertLines(file, undefined, lines);
  const beside = map.items.find(
    ({ key, value }) => isScalar(key) && isScalar(value) && repositoryKey.test(String(key.value)),
  );
  return insertLines(file, beside ?? last, lines);
}

/** `image:` without a value gets a mapping; its lines follow the key. */
function behindKey(file: YamlFile, map: YAMLMap, pair: Pair, keys: string[], spelled: string): Splice {
  if (map.flow) throw new FileInvalid(`has a key without a value in braces (${file.place(offsetOf(pair.key) ?? 0)})`);
  const indent = columnOf(file.text, map.items[0]?.key) + indentStep(file);
  return insertLines(file, pair.key, nested(file, keys, spelled, indent));
}

function intoFlow(map: YAMLMap, keys: string[], spelled: string): Splice {
  const isJson = map.flow && isScalar(map.items[0]?.key) && map.items[0].key.type === 'QUOTE_DOUBLE';
  const quote = isJson ? '"' : '';
  const text = isJson && !spelled.startsWith('"') ? `"${spelled}"` : spelled;
  const put = keys.reduceRight(
    (inner, key, at) => `${quote}${key}${quote}: ${at < keys.length - 1 ? `{${inner}}` : inner}`,
    text,
  );
  const beside =
    map.items.find(({ key, value }) => isScalar(key) && isScalar(value) && repositoryKey.test(String(key.value))) ??
    map.items.at(-1);
  if (beside) {
    const end = (beside.value as Node).range?.[1] ?? 0;
    return { start: end, end, text: `, ${put}` };
  }
  const [start, end] = map.range ?? [0, 0];
  return { start, end, text: `{${put}}` };
}

function nested(file: YamlFile, keys: readonly string[], spelled: string, indent: number): string[] {
  const step = indentStep(file);
  return keys.map((key, at) => {
    const spelledKey = formatScalar(key, '');
    return `${' '.repeat(indent + at * step)}${spelledKey}:${at === keys.length - 1 ? ` ${spelled}` : ''}`;
  });
}
