import type { Count } from '../manifest/containers.js';
import { type Data, isData } from './manifest.js';

/** An operation of RFC 6902. */
export interface Operation {
  readonly op: string;
  readonly path: readonly string[];
  readonly from: readonly string[];
  readonly value: unknown;
}

/** The keys of a JSON pointer. */
export function pointer(text: unknown): readonly string[] {
  if (typeof text !== 'string') return [];
  return text
    .split('/')
    .slice(1)
    .map((each) => each.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Applies operations in their order; one that does not fit changes nothing: kustomize says what is wrong with it. */
export function applyOperations(data: Data, operations: readonly Operation[], count: Count): void {
  for (const { op, path, from, value } of operations) {
    if (op === 'add' || op === 'replace') put(data, path, copyOf(value, count), op === 'add');
    else if (op === 'remove') take(data, path);
    else if (op === 'copy') put(data, path, copyOf(at(data, from), count), true);
    else if (op === 'move') put(data, path, take(data, from), true);
  }
}

function at(data: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((node, key) => {
    if (Array.isArray(node)) return node[Number(key)];
    // A path may name `__proto__`, which every object inherits and which must not be changed.
    return isData(node) && Object.hasOwn(node, key) ? node[key] : undefined;
  }, data);
}

function put(data: Data, path: readonly string[], value: unknown, isAdded: boolean): void {
  const parent = at(data, path.slice(0, -1));
  const key = path.at(-1);
  if (key === undefined || value === undefined) return;
  if (isData(parent)) parent[key] = value;
  if (!Array.isArray(parent)) return;
  const index = key === '-' ? parent.length : Number(key);
  if (Number.isInteger(index) && index >= 0 && index <= parent.length) {
    parent.splice(index, isAdded ? 0 : 1, value);
  }
}

function take(data: Data, path: readonly string[]): unknown {
  const parent = at(data, path.slice(0, -1));
  const key = path.at(-1) ?? '';
  const value = at(data, path);
  if (Array.isArray(parent) && Number(key) < parent.length) parent.splice(Number(key), 1);
  else if (isData(parent)) delete parent[key];
  return value;
}

/** A patch may have several targets, and what happens to one must not happen to the others. */
export function copyOf(value: unknown, count: Count, depth = 0): unknown {
  count(depth);
  if (Array.isArray(value)) return value.map((each) => copyOf(each, count, depth + 1));
  if (!isData(value)) return value;
  const pairs = Object.entries(value).map(([key, each]) => [key, copyOf(each, count, depth + 1)]);
  return Object.assign(Object.create(null), Object.fromEntries(pairs));
}
