import { splitReference } from '../reference.js';
import type { Use } from '../renderer.js';
import type { Options, Replacement, Selector } from './fields.js';
import { isData, type Manifest, stringAt } from './manifest.js';
import { selectByName } from './select.js';
import { Text } from './text.js';

/**
 * Applies a replacement where it writes an image
 * (https://github.com/kubernetes-sigs/kustomize/blob/master/api/filters/replacement/replacement.go).
 */
export function applyReplacement(file: string, replacement: Replacement, manifests: readonly Manifest[]): void {
  const value = sourceOf(replacement, manifests);
  if (value === undefined) return;
  for (const { select, reject, fieldPaths, options } of replacement.targets) {
    const rejected = new Set(reject.filter(isSomething).flatMap((each) => selectByName(manifests, each)));
    for (const { data } of selectByName(manifests, select).filter((each) => !rejected.has(each))) {
      const decidedBy = decision(file, replacement, `${stringAt(data, 'kind')} ${stringAt(data, 'metadata', 'name')}`);
      for (const path of fieldPaths) {
        change(data, keysOf(path), (was) => replaced(was, value, options, decidedBy));
      }
    }
  }
}

function isSomething(selector: Selector): boolean {
  return Object.values(selector).some((each) => each !== undefined);
}

/** A text, or the image of a container with the places that decide it. */
function sourceOf({ source, sourceValue }: Replacement, manifests: readonly Manifest[]): string | Text | undefined {
  if (!source) return sourceValue;
  const [from] = selectByName(manifests, source);
  let value: unknown;
  const keep = (found: unknown) => {
    value ??= found;
    return found;
  };
  if (from) change(from.data, keysOf(source.fieldPath ?? 'metadata.name'), keep);
  const { delimiter, index } = source.options ?? { delimiter: '', index: 0 };
  // A text elsewhere than in a container, such as in a ConfigMap, cannot be edited.
  const isEditable = value instanceof Text && value.trail.ways.length + value.trail.insertions.length > 0;
  if (value instanceof Text && isEditable && delimiter === '') return value;
  const text = value instanceof Text ? value.text : value;
  if (typeof text !== 'string' && typeof text !== 'number') return undefined;
  return delimiter === '' ? String(text) : String(text).split(delimiter)[index];
}

function replaced(was: unknown, value: string | Text, options: Options, decidedBy: Use['decidedBy']): unknown {
  if (!(was instanceof Text)) return was;
  if (!options?.delimiter && value instanceof Text) return value;
  const put = value instanceof Text ? value.text : value;
  const text = refined(was.text, put, options);
  // Where a replacement writes the registry, the tag is still that of the file.
  const probe = 'k8sta-probe';
  const { name } = splitReference(was.text);
  if (splitReference(refined(`${name}:${probe}`, put, options)).tag === probe) return new Text(text, was.trail);
  return new Text(text, { ways: [], insertions: [], was: was.trail.was, ...(decidedBy && { decidedBy }) });
}

function refined(was: string, value: string, options: Options): string {
  if (!options?.delimiter) return value;
  const parts = was.split(options.delimiter);
  if (options.index < 0) parts.unshift(value);
  else parts[Math.min(options.index, parts.length)] = value;
  return parts.join(options.delimiter);
}

function decision(file: string, { source }: Replacement, target: string): Use['decidedBy'] {
  const from = source ? ` (${[source.kind, source.name].filter(Boolean).join(' ')})` : '';
  return {
    reason: 'EditWithoutEffect',
    message: `${file} has a replacement that writes the image of ${target} after everything else: change what it reads${from}, or remove it`,
  };
}

/** `a.b`, `[name=c]`, `*` and escaped dots. */
function keysOf(path: string): string[] {
  return [...path.matchAll(/\[[^\][]*\]|(?:\\.|[^.\\])+/g)].map(([each]) =>
    each.startsWith('[') && !each.includes('=') ? each.slice(1, -1) : each.replaceAll('\\.', '.'),
  );
}

/** Changes each value that a path leads to. */
function change(node: unknown, [key, ...more]: readonly string[], to: (value: unknown) => unknown): void {
  if (key === undefined) return;
  const keys = matching(node, key);
  const at = node as Record<string | number, unknown>;
  for (const each of keys) {
    if (more.length > 0) change(at[each], more, to);
    else at[each] = to(at[each]);
  }
}

function matching(node: unknown, key: string): (string | number)[] {
  if (isData(node)) return key === '*' ? Object.keys(node) : Object.hasOwn(node, key) ? [key] : [];
  if (!Array.isArray(node)) return [];
  const [, field, value] = /^\[([^=]+)=(.*)\]$/.exec(key) ?? [];
  return [...node.keys()].filter((index) => {
    if (field !== undefined) return stringAt(node[index], field) === value;
    return key === '*' || key === String(index);
  });
}
