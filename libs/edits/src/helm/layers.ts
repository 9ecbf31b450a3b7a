import type { KeyPath } from '@k8sta/contracts';
import { inFile } from '../file-invalid.js';
import { type Tree, textAt } from '../tree.js';
import { parseYaml, plainData } from '../yaml-file.js';

/** The values of one file, or of one part of the Application, in the order in which Helm merges them. */
export interface Layer {
  /** The file, if an edit may change it. */
  readonly file?: string;
  /** Where its values are merged: below the key of a subchart. */
  readonly below: readonly string[];
  readonly values: unknown;
  /** What sets the values, for people, where no file does. */
  readonly by?: string;
}

/** Elements of a list by their index, as `--set containers[1].image.tag=2` gives them: the others stay. */
export class Elements {
  readonly [index: number]: unknown;

  constructor(index: number, value: unknown) {
    Object.assign(this, { [index]: value });
  }
}

/** Reads a file of values. Throws {@link FileInvalid}; undefined if there is no such file. */
export async function valuesAt(tree: Tree, file: string): Promise<unknown> {
  const text = await textAt(tree, file);
  if (text === undefined) return undefined;
  return inFile(file, () => plainData(parseYaml(text, { merge: true }).document) ?? {});
}

/** Merges values as Helm does: mappings key by key, anything else as a whole, and null removes a default. */
export function merged(layers: readonly Layer[]): Record<string, unknown> {
  return layers.reduce<Record<string, unknown>>((sofar, { below, values }) => {
    const placed = below.reduceRight<unknown>((inner, key) => ({ [key]: inner }), values);
    return isMapping(placed) ? merge(sofar, placed) : sofar;
  }, {});
}

function merge(under: Record<string, unknown>, over: Record<string, unknown>): Record<string, unknown> {
  const out = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const known = out[key];
    if (value === null && key in out) delete out[key];
    else if (value instanceof Elements) out[key] = withElements(known, value);
    else out[key] = isMapping(value) && isMapping(known) ? merge(known, value) : value;
  }
  return out;
}

function withElements(list: unknown, elements: Elements): unknown[] {
  const out = Array.isArray(list) ? [...list] : [];
  for (const [index, value] of Object.entries(elements)) {
    const known = out[Number(index)];
    out[Number(index)] = isMapping(value) && isMapping(known) ? merge(known, value) : value;
  }
  return out;
}

/** Which layer decides the value at a path, the last one that has it; `isThere` is false where it has only its list. */
export function decides(layers: readonly Layer[], path: KeyPath): { layer: Layer; isThere: boolean } | undefined {
  const list = path.findLastIndex((key) => typeof key === 'number');
  for (const layer of layers.toReversed()) {
    const inside = pathWithin(layer, path);
    if (!inside) continue;
    if (valueIn(layer.values, inside) !== undefined) return { layer, isThere: true };
    const upToList = inside.slice(0, list - layer.below.length + 1);
    const whole = list >= layer.below.length ? valueIn(layer.values, upToList) : undefined;
    if (whole !== undefined && !(whole instanceof Elements)) return { layer, isThere: false };
  }
  return undefined;
}

/** The path within the values of a layer; undefined if it leads elsewhere. */
export function pathWithin({ below }: Layer, path: KeyPath): KeyPath | undefined {
  return below.every((key, at) => path[at] === key) && path.length > below.length
    ? path.slice(below.length)
    : undefined;
}

/** The value at a path; undefined where there is none. */
export function valueIn(values: unknown, path: KeyPath): unknown {
  return path.reduce<unknown>((inner, key) => {
    if (Array.isArray(inner)) return typeof key === 'number' ? inner[key] : undefined;
    return isMapping(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined;
  }, values);
}

export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
