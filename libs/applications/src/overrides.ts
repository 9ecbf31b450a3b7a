import type { ImageOverride } from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';
import { deepestNesting, tooDeepAt } from '@k8sta/text/yaml';
import { parseDocument } from 'yaml';
import type { Source } from './application.js';
import { imageText } from './image-text.js';

const overrideLimit = 20;
const valueFileLimit = 50;
const valueLimit = 512;
const nodeLimit = 10_000;

/** The names of keys that set an image, or a part of one. */
const isOfImage = /image|tag|digest|repository|registry/i;

/** The names of keys that switch a subchart on or off, and its images with it. */
const isSwitch = /(^|\.)enabled$/i;

/** Stands for the keys of Helm values that cannot be read. */
const unreadableValues = '*';

/** A key of Helm values, or the name of a parameter, and what it sets. */
interface Setting {
  readonly key: string;
  readonly value?: unknown;
}

/**
 * What a source itself sets that could be an image and overrides the files. Of Helm only names and keys are kept, and what is
 * clearly a repository, a registry, or the switch of a subchart: other values may be secrets.
 */
export function overridesOf({ kustomize, helm }: Source): ImageOverride[] {
  const ofHelm = (kind: ImageOverride['kind'], settings: readonly Setting[]): ImageOverride[] =>
    settings.map(({ key, value }) => {
      const text = imageText(key, value);
      return { kind, value: sanitizeLine(key, valueLimit), ...(text !== undefined && { text }) };
    });
  return [
    ...(kustomize?.images ?? []).map(
      (image): ImageOverride => ({ kind: 'kustomizeImages', value: sanitizeLine(image, valueLimit) }),
    ),
    ...ofHelm('helmParameters', parametersOf(helm)),
    // As in Argo CD, `values` is ignored if `valuesObject` is set.
    ...ofHelm('helmValues', helm?.valuesObject ? settingsOf(helm.valuesObject) : settingsOfText(helm?.values)),
  ]
    .sort((a, b) => Number(isSwitch.test(a.value)) - Number(isSwitch.test(b.value)))
    .slice(0, overrideLimit);
}

function isKept(key: string): boolean {
  return isOfImage.test(key) || isSwitch.test(key);
}

/** The first value files of a Helm source. */
export function valueFilesOf({ helm }: Source): string[] {
  return (helm?.valueFiles ?? []).slice(0, valueFileLimit).map((file) => sanitizeLine(file, valueLimit));
}

function parametersOf(helm: Source['helm']): Setting[] {
  return [...(helm?.parameters ?? []), ...(helm?.fileParameters ?? [])].flatMap(({ name, ...parameter }) =>
    name && isKept(name) ? [{ key: name, value: 'value' in parameter ? parameter.value : undefined }] : [],
  );
}

function settingsOfText(text: string | null | undefined): Setting[] {
  if (!text || !(isOfImage.test(text) || /enabled/i.test(text))) return [];
  if (tooDeepAt(text) !== undefined) return [{ key: unreadableValues }];
  try {
    const document = parseDocument(text);
    return document.errors.length > 0 ? [{ key: unreadableValues }] : settingsOf(document.toJS());
  } catch {
    // Aliases that grow too large.
    return [{ key: unreadableValues }];
  }
}

/** The leaves that could set an image, by their dotted keys. */
function settingsOf(values: unknown): Setting[] {
  const settings: Setting[] = [];
  let nodes = 0;
  let isCut = false;
  const visit = (node: unknown, path: readonly string[]): void => {
    // With YAML aliases a few lines can make a tree of any size, and even a cycle. JSON may be deeper than the stack.
    const isBeyond = ++nodes > nodeLimit || path.length > deepestNesting;
    isCut ||= isBeyond;
    if (isBeyond || settings.length >= 10 * overrideLimit) return;
    if (typeof node === 'object' && node !== null) {
      for (const [key, value] of Object.entries(node)) visit(value, [...path, key]);
    } else if (isKept(path.join('.'))) settings.push({ key: path.join('.'), value: node });
  };
  visit(values, []);
  settings.sort((a, b) => Number(isSwitch.test(a.key)) - Number(isSwitch.test(b.key)));
  return isCut ? [...settings.slice(0, overrideLimit - 1), { key: unreadableValues }] : settings;
}
