import { formatKeyPath, type ImageTarget, type KeyPath, type WantedImage } from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';
import { isScalar, type Scalar } from 'yaml';
import { FileInvalid } from '../file-invalid.js';
import type { Edit, FileFormat, Reading } from '../format.js';
import { deploys, retagged } from '../reference.js';
import { resolved } from '../yaml-alias.js';
import { parseYaml, replaceScalar, splice, type YamlFile } from '../yaml-file.js';
import { isPlainString } from '../yaml-scalar.js';
import { insertValue, removePair } from './insert.js';

type ValueTarget = Extract<ImageTarget, { kind: 'value' }>;

/** An image, or a part of one, that is a value under a key: in the values of a chart, or where a Track says so. */
export const value: FileFormat<ValueTarget> = { kind: 'value', read, edit };

function read(text: string, image: WantedImage, target: ValueTarget): Reading {
  const found = valueAt(parseYaml(text, { merge: true }), target.path);
  const spelled = found?.text ? found.text.slice(0, 512) : undefined;
  return { names: namesImage(found?.text ?? '', image, target.holds) && !found?.needsQuotes, spelled };
}

function namesImage(text: string, image: WantedImage, holds: ValueTarget['holds']): boolean {
  switch (holds) {
    case 'tag':
      return deploys(`${image.repository}:${text}`, image);
    case 'reference':
      return deploys(text, image);
    default:
      return text.toLowerCase() === (image.digest?.toLowerCase() ?? '');
  }
}

function edit(text: string, image: WantedImage, target: ValueTarget): Edit {
  try {
    const file = parseYaml(text, { merge: true });
    const found = valueAt(file, target.path);
    const before = found?.text ?? '';
    if (namesImage(before, image, target.holds) && !found?.needsQuotes) return { is: 'unchanged', before };
    const wanted = wantedText(before, image, target.holds);
    if (!found && wanted === undefined) return { is: 'unchanged', before };
    const edited = splice(text, [changeOf(file, target, found, wanted)]);
    const now = read(edited, image, target);
    if (!now.names)
      return { is: 'refused', message: `the value of ${formatKeyPath(target.path)} cannot be edited in place` };
    return { is: 'edited', text: edited, ...(found && before !== '' && { before }), after: now.spelled ?? '' };
  } catch (error) {
    if (error instanceof FileInvalid) return { is: 'refused', message: error.message };
    throw error;
  }
}

/** Undefined: the value has to go, because it would pin the old image. */
function wantedText(before: string, image: WantedImage, holds: ValueTarget['holds']): string | undefined {
  switch (holds) {
    case 'tag':
      return retagged(`${image.repository}:${before}`, image).slice(image.repository.length + 1);
    case 'reference':
      return retagged(before, image);
    default:
      return image.digest;
  }
}

function changeOf(file: YamlFile, { path }: ValueTarget, found: Found | undefined, wanted: string | undefined) {
  if (!found) return insertValue(file, path, wanted ?? '');
  if (wanted === undefined) return removePair(file, path) ?? replaceScalar(file, found.node, '', true);
  return replaceScalar(file, found.node, wanted, true);
}

interface Found {
  readonly text: string;
  readonly node: Scalar;
  /** Without quotes, YAML reads a number or the like, which is not what the file shows. */
  readonly needsQuotes: boolean;
}

/** The value at a path; undefined where there is no such key. Throws {@link FileInvalid} if something else is there. */
function valueAt(file: YamlFile, path: KeyPath): Found | undefined {
  const { document } = file;
  const node = resolved(document.getIn(path, true), document);
  if (node === undefined || node === null) return undefined;
  if (!isScalar(node)) throw new FileInvalid(`has a list or a mapping at ${formatKeyPath(path)}, and not a value`);
  const isPlain = node.type === 'PLAIN';
  const text = isPlain ? node.source : node.value;
  if (node.value === null) return { text: '', node, needsQuotes: false };
  if (typeof text !== 'string') throw new FileInvalid(`has no text at ${formatKeyPath(path)}`);
  return { text: sanitizeLine(text, 1_000), node, needsQuotes: isPlain && !isPlainString(text) };
}

/** The text under a key; undefined where there is none. Throws a FileInvalid. */
export function textUnder(text: string, path: KeyPath): string | undefined {
  return valueAt(parseYaml(text, { merge: true }), path)?.text;
}
