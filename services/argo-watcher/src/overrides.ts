import type { ImageOverride } from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';
import { parseDocument } from 'yaml';
import type { Source } from './application.js';

const overrideLimit = 20;
const valueLimit = 512;
const nodeLimit = 10_000;

/** The names of keys that set an image, or a part of one. */
const isOfImage = /image|tag|digest|repository|registry/i;

/** Replaces the keys of Helm values that cannot be read. */
const unreadableValues = '*';

/**
 * What a source itself sets that could be an image and overrides the files. Of Helm only names and keys are kept: the values
 * may be secrets.
 */
export function overridesOf({ kustomize, helm }: Source): ImageOverride[] {
  const found = (kind: ImageOverride['kind'], values: readonly string[]): ImageOverride[] =>
    values.map((value) => ({ kind, value: sanitizeLine(value, valueLimit) }));
  const parameters = (helm?.parameters ?? []).flatMap(({ name }) => (name && isOfImage.test(name) ? [name] : []));
  return [
    ...found('kustomizeImages', kustomize?.images ?? []),
    ...found('helmParameters', parameters),
    // As in Argo CD, `values` is ignored if `valuesObject` is set.
    ...found('helmValues', helm?.valuesObject ? keysOf(helm.valuesObject) : keysOfText(helm?.values)),
  ].slice(0, overrideLimit);
}

/** The first value files of a Helm source. */
export function valueFilesOf({ helm }: Source): string[] {
  return (helm?.valueFiles ?? []).slice(0, overrideLimit).map((file) => sanitizeLine(file, valueLimit));
}

function keysOfText(text: string | null | undefined): string[] {
  if (!text || !isOfImage.test(text)) return [];
  try {
    const document = parseDocument(text);
    return document.errors.length > 0 ? [unreadableValues] : keysOf(document.toJS());
  } catch {
    // Aliases that grow too large, or brackets nested too deeply.
    return [unreadableValues];
  }
}

/** The dotted keys of the leaves that could set an image. */
function keysOf(values: unknown): string[] {
  const keys: string[] = [];
  let nodes = 0;
  const visit = (node: unknown, path: readonly string[]): void => {
    // With YAML aliases a few lines can make a tree of any size, and even a cycle.
    if (++nodes > nodeLimit || keys.length >= overrideLimit) return;
    if (typeof node === 'object' && node !== null) {
      for (const [key, value] of Object.entries(node)) visit(value, [...path, key]);
    } else if (isOfImage.test(path.join('.'))) keys.push(path.join('.'));
  };
  visit(values, []);
  return nodes > nodeLimit ? [...keys.slice(0, overrideLimit - 1), unreadableValues] : keys;
}
