import { oneLine, tryParseImage, type WantedImage } from '@k8sta/contracts';
import { type Document, isAlias, isMap, isScalar, isSeq, type Pair, type YAMLMap } from 'yaml';
import { FileInvalid } from '../file-invalid.js';
import { isAbout, splitReference } from '../reference.js';
import type { Reading } from '../target.js';
import { offsetOf, parseYaml, type YamlFile } from '../yaml-file.js';
import { isPlainString } from '../yaml-scalar.js';

/** One entry of `images:` that is about the image looked for. */
export interface ImageEntry {
  readonly map: YAMLMap;
  readonly name: string;
  readonly newName: string | undefined;
  readonly newTag: string | undefined;
  /** The tag lacks the quotes it needs: YAML makes a number, a date or a boolean of it. */
  readonly tagNeedsQuotes: boolean;
  readonly digest: string | undefined;
}

/** A kustomization, as much of it as is read here. */
export interface Kustomization extends Pick<YamlFile, 'text' | 'place'> {
  readonly entries: readonly ImageEntry[];
  /** What looks like an entry but names no image, in words for people. */
  readonly note: string | undefined;
}

/** It is published and logged, and the file may hold anything. */
const maxSpelled = 512;

/**
 * Reads the entries of `images:` that deploy this image: an entry's new name counts, else its name. Throws
 * {@link FileInvalid}.
 */
export function readKustomization(text: string, image: WantedImage): Kustomization {
  const file = parseYaml(text);
  const { document, place } = file;
  const root = document.contents;
  const empty = { text, place, entries: [], note: undefined };
  if (root === null || (isScalar(root) && root.value === null)) return empty;
  if (!isMap(root)) throw new FileInvalid(`is not a mapping (${place(offsetOf(root) ?? 0)})`);
  refuseImageTags(file, root, image);
  const images = root.get('images', true) as unknown;
  if (images === undefined || images === null || (isScalar(images) && images.value === null)) return empty;
  const at = offsetOf(images) ?? 0;
  if (!isSeq(images)) throw new FileInvalid(`\`images\` is not a list that is written out (${place(at)})`);
  const all = images.items.map((item) => ({ offset: offsetOf(item) ?? at, ...entryOf(file, item, at) }));
  const entries = all.filter((entry) => isOurs(file, entry, image));
  const strange = all.find(({ name, newName }) => tryParseImage(newName ?? name) === undefined);
  return { text, place, entries, note: strange && strangeNote(file, strange) };
}

/** What a kustomization says about an image. Throws {@link FileInvalid}. */
export function readImage(text: string, image: WantedImage): Reading {
  const { entries } = readKustomization(text, image);
  const names = entries.length > 0 && entries.every((entry) => entryNames(entry, image));
  return { names, spelled: spellEntries(entries) };
}

/** Whether kustomize deploys exactly this image by the entry. A digest wins over a tag, so it must be ours. */
export function entryNames(entry: ImageEntry, image: WantedImage): boolean {
  const deployed = tryParseImage(spellEntry(entry));
  if (!deployed || !isAbout(deployed.repository, image)) return false;
  const isTagged = deployed.tag === image.tag && !entry.tagNeedsQuotes;
  if (deployed.digest === undefined) return isTagged;
  const isPinned = image.digest !== undefined && deployed.digest.toLowerCase() === image.digest.toLowerCase();
  return isPinned && (deployed.tag === undefined || isTagged);
}

/** The image of each entry as the file spells it, in the order of the file; undefined when there is none. */
export function spellEntries(entries: readonly ImageEntry[]): string | undefined {
  if (entries.length === 0) return undefined;
  return [...new Set(entries.map(spellEntry))].join(', ').slice(0, maxSpelled);
}

/** The pair of a mapping that has this key. */
export function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
}

/**
 * kustomize joins the texts and does not look at them: a new tag behind a `newName` that has one already is an image
 * that no cluster can pull (api/filters/imagetag/updater.go of kustomize).
 */
function spellEntry({ name, newName, newTag, digest }: ImageEntry): string {
  return `${newName || name}${newTag ? `:${newTag}` : ''}${digest ? `@${digest}` : ''}`;
}

function entryOf({ document, place }: YamlFile, item: unknown, at: number): ImageEntry {
  const refuse = (why: string): never => {
    throw new FileInvalid(`${why} (${place(offsetOf(item) ?? at)})`);
  };
  if (isAlias(item)) refuse('an entry of `images` is an alias');
  if (!isMap(item)) return refuse('an entry of `images` is not a mapping');
  if (item.has('<<')) refuse('an entry of `images` uses a merge key');
  const text = (key: string) => scalarText(valueUnder(item, key, document));
  return {
    map: item,
    name: text('name') ?? '',
    newName: text('newName'),
    newTag: text('newTag'),
    tagNeedsQuotes: needsQuotes(item, 'newTag'),
    digest: text('digest'),
  };
}

/** Throws where the entry is about our image but deploys something else than a tag of it. */
function isOurs(file: YamlFile, entry: ImageEntry & { offset: number }, image: WantedImage): boolean {
  const place = file.place(entry.offset);
  if (!isAbout(entry.newName ?? entry.name, image)) {
    if (!isAbout(entry.name, image)) return false;
    // A tag of ours on a repository that is not ours would run other bits than the Ticket names.
    const other = oneLine(splitReference(entry.newName ?? '').name, 200);
    throw new FileInvalid(
      `the entry replaces our image with "${other}", which the Track does not name as an alias of it (${place})`,
    );
  }
  if (scalarText(valueUnder(entry.map, 'tagSuffix', file.document))) {
    throw new FileInvalid(`the entry has a \`tagSuffix\`, which makes another tag of ours (${place})`);
  }
  return true;
}

/** kustomize still reads the field of kustomize 1, but only while there is no `images` beside it. */
function refuseImageTags({ document, place }: YamlFile, root: YAMLMap, image: WantedImage): void {
  const list = root.get('imageTags', true) as unknown;
  if (!isSeq(list)) return;
  for (const item of list.items) {
    if (isMap(item) && isAbout(scalarText(valueUnder(item, 'name', document)), image)) {
      const at = place(offsetOf(pairOf(root, 'imageTags')?.key) ?? 0);
      throw new FileInvalid(
        `names our image in \`imageTags\`, the field of kustomize 1: rename it to \`images\` (${at})`,
      );
    }
  }
}

function strangeNote({ place }: YamlFile, { name, newName, offset }: ImageEntry & { offset: number }): string {
  return `the entry for "${oneLine(newName ?? name, 100)}" is not about an image (${place(offset)})`;
}

/** The value of a key. An alias counts as its anchor's value: it can be read, but not edited. */
function valueUnder(map: YAMLMap, key: string, document: Document): unknown {
  const value = pairOf(map, key)?.value;
  return isAlias(value) ? value.resolve(document) : value;
}

/**
 * A value's text. Without quotes it is what the file says, not what YAML makes of it: `1.10` is the tag 1.10 here,
 * whatever kustomize says about the number.
 */
function scalarText(value: unknown): string | undefined {
  if (!isScalar(value)) return undefined;
  const text = value.type === 'PLAIN' ? value.source : value.value;
  return typeof text === 'string' && text !== '' ? text : undefined;
}

function needsQuotes(map: YAMLMap, key: string): boolean {
  const value = pairOf(map, key)?.value;
  return isScalar(value) && value.type === 'PLAIN' && !isPlainString(scalarText(value) ?? '');
}
