import { tryParseImage, type WantedImage } from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';
import { type Document, isAlias, isMap, isScalar, isSeq, type Pair, type YAMLMap } from 'yaml';
import { FileInvalid } from '../file-invalid.js';
import type { Reading } from '../format.js';
import { isAbout, splitReference } from '../reference.js';
import { resolved } from '../yaml-alias.js';
import { offsetOf, parseYaml, type YamlFile } from '../yaml-file.js';
import { isPlainString } from '../yaml-scalar.js';

/** One entry of `images:` for the wanted image. */
export interface ImageEntry {
  readonly map: YAMLMap;
  readonly name: string;
  readonly newName: string | undefined;
  readonly newTag: string | undefined;
  /** The tag has no quotes but needs them: YAML reads it as a number, a date or a boolean. */
  readonly tagNeedsQuotes: boolean;
  readonly digest: string | undefined;
  readonly tagSuffix: string | undefined;
  readonly offset: number;
}

/** The parts of a kustomization that the promoter reads. */
export interface Kustomization extends YamlFile {
  readonly entries: readonly ImageEntry[];
}

/** The text is published and logged, and the file may contain anything. */
const maxSpelled = 512;

/**
 * Reads the entries of `images:` that deploy this image, by their new name or else by their name. With `only`, those
 * entries that have this name. Throws {@link FileInvalid}.
 */
export function readKustomization(text: string, image: WantedImage, only?: string): Kustomization {
  const file = parseYaml(text);
  const root = rootOf(file);
  if (root) refuseImageTags(file, root, image);
  const all = root ? entriesOf(file, root, 'images') : [];
  const entries = all.filter((entry) => (only === undefined || entry.name === only) && isOurs(file, entry, image));
  return { ...file, entries };
}

/** Every entry of `images:`, about whatever image, and those of `imageTags:` of kustomize 1, which come behind them. */
export function allEntries(file: YamlFile): readonly ImageEntry[] {
  const root = rootOf(file);
  return root ? [...entriesOf(file, root, 'images'), ...entriesOf(file, root, 'imageTags')] : [];
}

/** Describes the first entry that does not name an image, for people. */
export function strangeEntry(file: YamlFile, entries: readonly ImageEntry[]): string | undefined {
  const strange = entries.find(({ name, newName }) => tryParseImage(newName ?? name) === undefined);
  return strange && strangeNote(file, strange);
}

/** What a kustomization names for an image. Throws {@link FileInvalid}. */
export function readImage(text: string, image: WantedImage, name?: string): Reading {
  const { entries } = readKustomization(text, image, name);
  const names = entries.length > 0 && entries.every((entry) => entryNames(entry, image));
  return { names, spelled: formatEntries(entries) };
}

/** Whether kustomize deploys exactly this image for the entry. A digest wins over a tag, so it must be ours. */
export function entryNames(entry: ImageEntry, image: WantedImage): boolean {
  const deployed = tryParseImage(formatEntry(entry));
  if (!deployed || !isAbout(deployed.repository, image)) return false;
  const isTagged = deployed.tag === image.tag && !entry.tagNeedsQuotes;
  if (deployed.digest === undefined) return isTagged;
  const isPinned = image.digest !== undefined && deployed.digest.toLowerCase() === image.digest.toLowerCase();
  return isPinned && (deployed.tag === undefined || isTagged);
}

/** The image of each entry as the file spells it, in the order of the file; undefined if there is none. */
export function formatEntries(entries: readonly ImageEntry[]): string | undefined {
  if (entries.length === 0) return undefined;
  return [...new Set(entries.map(formatEntry))].join(', ').slice(0, maxSpelled);
}

/** The pair of a mapping that has this key. */
export function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
}

/**
 * kustomize joins the texts without checking them: a new tag after a `newName` that already has one is an image that no
 * cluster can pull (api/filters/imagetag/updater.go of kustomize).
 */
export function formatEntry({
  name,
  newName,
  newTag,
  digest,
}: Pick<ImageEntry, 'name' | 'newName' | 'newTag' | 'digest'>): string {
  return `${newName || name}${newTag ? `:${newTag}` : ''}${digest ? `@${digest}` : ''}`;
}

function rootOf({ document, place }: YamlFile): YAMLMap | undefined {
  const root = document.contents;
  if (root === null || (isScalar(root) && root.value === null)) return undefined;
  if (!isMap(root)) throw new FileInvalid(`is not a mapping (${place(offsetOf(root) ?? 0)})`);
  return root;
}

function entriesOf(file: YamlFile, root: YAMLMap, field: 'images' | 'imageTags'): ImageEntry[] {
  const images = root.get(field, true) as unknown;
  if (images === undefined || images === null || (isScalar(images) && images.value === null)) return [];
  const at = offsetOf(images) ?? 0;
  if (!isSeq(images)) {
    throw new FileInvalid(`\`${field}\` must be a YAML list and not an alias (${file.place(at)})`);
  }
  return images.items.map((item) => entryOf(file, item, at));
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
    tagSuffix: text('tagSuffix'),
    offset: offsetOf(item) ?? at,
  };
}

/** Throws if the entry is for our image but deploys something else than a tag of it. */
function isOurs(file: YamlFile, entry: ImageEntry, image: WantedImage): boolean {
  const place = file.place(entry.offset);
  if (!isAbout(entry.newName ?? entry.name, image)) {
    if (!isAbout(entry.name, image)) return false;
    // Our tag on another repository would run an image that the Ticket does not name.
    throw new FileInvalid(replacedNote(file, entry));
  }
  if (entry.tagSuffix) {
    throw new FileInvalid(`the entry has a \`tagSuffix\`, which makes another tag of ours (${place})`);
  }
  return true;
}

/** Why an entry that puts another repository in place of an image is refused. */
export function replacedNote({ place }: YamlFile, { newName, offset }: ImageEntry): string {
  const other = sanitizeLine(splitReference(newName ?? '').name, 200);
  return `the entry replaces our image with "${other}", which the Track does not name as an alias of it (${place(offset)})`;
}

/** kustomize still reads the field of kustomize 1, but only if the file has no `images`. */
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

function strangeNote({ place }: YamlFile, { name, newName, offset }: ImageEntry): string {
  return `the entry for "${sanitizeLine(newName ?? name, 100)}" is not about an image (${place(offset)})`;
}

/** The value of a key. An alias is resolved: it can be read, but not edited. */
function valueUnder(map: YAMLMap, key: string, document: Document): unknown {
  return resolved(pairOf(map, key)?.value, document);
}

/**
 * The text of a value. Without quotes it is the text of the file and not the YAML value: `1.10` is the tag 1.10 here,
 * although kustomize reads a number.
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
