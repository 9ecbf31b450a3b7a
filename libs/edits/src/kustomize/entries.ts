import { tryParseImage } from '@k8sta/contracts';
import { splitReference } from '../reference.js';
import type { Use, Way } from '../renderer.js';
import { formatEntry, type ImageEntry } from './kustomization.js';
import { type Manifest, mapImages } from './manifest.js';
import { isMatch } from './pattern.js';
import { literal, Text } from './text.js';

/** An entry of a kustomization's `images`, or one that Argo CD adds to it. */
export interface Applied extends Omit<ImageEntry, 'map' | 'tagNeedsQuotes' | 'offset'> {
  /** Whether the file can be edited. */
  readonly isEditable: boolean;
  /** Why the entry is refused where it puts another repository in place of the image of a Track. */
  readonly replaced: string;
  readonly decidedBy?: Use['decidedBy'];
}

/**
 * Applies the entries of one kustomization, each to what the one before made
 * (https://github.com/kubernetes-sigs/kustomize/blob/master/api/filters/imagetag/updater.go).
 */
export function applyEntries(
  file: string,
  entries: readonly Applied[],
  isEditable: boolean,
  manifests: Manifest[],
): void {
  const matched = new Set<Applied>();
  eachImage(manifests, (image) => {
    let text = image.text;
    for (const entry of entries) {
      const next = renamed(text, entry);
      if (next !== undefined) matched.add(entry);
      text = next ?? text;
    }
    return image;
  });
  const way = (name: string, repositories: readonly (string | undefined)[]): Way => {
    const isAmbiguous = entries.some(
      (each) => !matched.has(each) && each.name !== name && namesOf(each).some((one) => repositories.includes(one)),
    );
    return { file, target: { kind: 'kustomize', ...(isAmbiguous && { name }) } };
  };
  eachImage(manifests, (given) => {
    let image = given;
    for (const entry of entries) image = applied(image, entry, () => way(entry.name, namesOf(entry))) ?? image;
    if (image !== given || !isEditable) return image;
    const { name, digest } = splitReference(image.text);
    const insertion = { ...way(name, [repositoryOf(name)]), spelling: digest === undefined ? name : image.text };
    return new Text(image.text, { ...image.trail, insertions: [...image.trail.insertions, insertion] });
  });
  for (const entry of entries.filter((each) => !matched.has(each) && each.name !== '')) {
    const hidden = literal(formatEntry(entry), entry.isEditable ? way('', []) : undefined);
    const was = wasOf(splitReference(entry.name).name, entry);
    const image = new Text(hidden.text, {
      ...hidden.trail,
      was,
      ...(entry.decidedBy && { decidedBy: entry.decidedBy }),
    });
    manifests.push({ data: { containers: [{ image }] }, names: [], isHidden: true });
  }
}

/** kustomize changes neither a CustomResourceDefinition nor ephemeral containers. */
function eachImage(manifests: readonly Manifest[], change: (image: Text) => Text): void {
  for (const { data } of manifests) {
    if (data.kind === 'CustomResourceDefinition') continue;
    mapImages(data, (image, list) => (list === 'ephemeralContainers' ? image : change(image)));
  }
}

function applied(image: Text, entry: Applied, way: () => Way): Text | undefined {
  const text = renamed(image.text, entry);
  if (text === undefined) return undefined;
  const { trail } = image;
  const inName = splitReference(entry.newName ?? '');
  const decides = (entry.newTag || entry.digest || inName.tag || inName.digest) !== undefined;
  // Even an entry without a tag is the first place to write one: it wins over everything before.
  const own = entry.isEditable ? [way()] : [];
  const decidedBy = entry.decidedBy ?? (decides ? undefined : trail.decidedBy);
  return new Text(text, {
    ways: entry.decidedBy ? [] : [...own, ...(decides ? [] : trail.ways)],
    insertions: decides || entry.decidedBy ? [] : trail.insertions,
    was: [...trail.was, ...wasOf(splitReference(image.text).name, entry)],
    ...(decidedBy && { decidedBy }),
  });
}

/** What kustomize makes of an image; undefined if the entry does not match. */
function renamed(text: string, entry: Applied): string | undefined {
  if (entry.name === '' || !isMatch(entry.name, text, '(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?'))
    return undefined;
  const was = splitReference(text);
  const name = entry.newName || was.name;
  const { newTag, digest, tagSuffix } = entry;
  if (newTag || digest) return formatEntry({ ...entry, name, newName: undefined });
  if (tagSuffix) return formatEntry({ ...entry, name, newName: undefined, newTag: `${was.tag ?? ''}${tagSuffix}` });
  return formatEntry({ ...entry, name, newName: undefined, newTag: was.tag, digest: was.digest });
}

function wasOf(name: string, entry: Applied): { name: string; message: string }[] {
  if (!entry.newName || repositoryOf(splitReference(entry.newName).name) === repositoryOf(name)) return [];
  return [{ name, message: entry.replaced }];
}

function namesOf({ name, newName }: Applied): (string | undefined)[] {
  return [repositoryOf(name), ...(newName ? [repositoryOf(newName)] : [])];
}

export function repositoryOf(reference: string): string | undefined {
  return tryParseImage(reference)?.repository;
}
