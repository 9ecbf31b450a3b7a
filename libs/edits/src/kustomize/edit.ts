import type { WantedImage } from '@k8sta/contracts';
import type { Pair } from 'yaml';
import { FileInvalid } from '../file-invalid.js';
import type { Edit } from '../format.js';
import { joinReference, type Reference, splitReference } from '../reference.js';
import { quoteOf, rangeOf, replaceScalar, type Splice, scalarOf, splice } from '../yaml-file.js';
import { formatScalar } from '../yaml-scalar.js';
import { insertEntry } from './insert-entry.js';
import {
  entryNames,
  formatEntries,
  type ImageEntry,
  type Kustomization,
  pairOf,
  readKustomization,
} from './kustomization.js';

/**
 * Makes every entry of a kustomization's `images:` for this image name its tag (and its digest, if a digest pins the
 * entry). Only the characters of the values change; every other byte stays as it was. With `name`, only the entries of
 * that name are edited. `spelling` is the reference that reaches the file: if no entry has its name, one is inserted.
 */
export function editImage(text: string, image: WantedImage, name?: string, spelling?: string): Edit {
  try {
    const file = readKustomization(text, image, name);
    if (spelling !== undefined && !hasEntryFor(file, spelling)) return inserted(file, image, spelling);
    const before = formatEntries(file.entries);
    if (before === undefined) return { is: 'notNamed' };
    const splices = file.entries
      .filter((entry) => !entryNames(entry, image))
      .flatMap((entry) => splicesFor(file, entry, image));
    if (splices.length === 0) return { is: 'unchanged', before };
    const edited = splice(text, splices);
    const now = readKustomization(edited, image, name);
    // Re-read the result: never push an edit that does not parse back to the requested image.
    if (now.entries.length !== file.entries.length || !now.entries.every((entry) => entryNames(entry, image))) {
      return { is: 'refused', message: 'the entry of `images` cannot be edited in place' };
    }
    return { is: 'edited', text: edited, before, after: formatEntries(now.entries) ?? '' };
  } catch (error) {
    if (error instanceof FileInvalid) return { is: 'refused', message: error.message };
    throw error;
  }
}

function hasEntryFor(file: Kustomization, spelling: string): boolean {
  const { name } = splitReference(spelling);
  return file.entries.some((entry) => entry.name === name);
}

function inserted(file: Kustomization, image: WantedImage, spelling: string): Edit {
  const { name } = splitReference(spelling);
  const edited = splice(file.text, insertEntry(file, entryFor(image, spelling)));
  const now = readKustomization(edited, image, name).entries;
  if (now.length !== 1 || !now.every((entry) => entryNames(entry, image))) {
    return { is: 'refused', message: `an entry of \`images\` for ${name} cannot be inserted` };
  }
  return { is: 'edited', text: edited, after: formatEntries(now) ?? '' };
}

/** A pin moves along, if the digest of the image is known; where there was none, none is added. */
function entryFor(image: WantedImage, spelling: string): readonly [key: string, value: string][] {
  const { name, tag, digest } = splitReference(spelling);
  const pin = digest === undefined ? undefined : image.digest;
  return [
    ['name', name],
    ...(pin === undefined || tag !== undefined ? [['newTag', image.tag] as [string, string]] : []),
    ...(pin === undefined ? [] : [['digest', pin] as [string, string]]),
  ];
}

/** An entry has its tag in `newTag` or at the end of `newName`, and its digest in `digest` or at the end of one of those. */
function splicesFor(file: Kustomization, entry: ImageEntry, image: WantedImage): Splice[] {
  const { map } = entry;
  const [newName, newTag, digest] = [pairOf(map, 'newName'), pairOf(map, 'newTag'), pairOf(map, 'digest')];
  const inName = splitReference(entry.newName ?? '');
  const inTag = splitTag(entry.newTag);
  refuseContradiction(file, entry, inName, inTag);
  const isPinned = (inName.digest ?? inTag.digest ?? entry.digest) !== undefined;
  // Without the digest of the new image the pin is removed, because it would keep the old image.
  const pin = isPinned ? image.digest : undefined;
  const splices: Splice[] = [];
  if (newName && (inName.tag ?? inName.digest) !== undefined) {
    const tag = inName.tag === undefined ? undefined : image.tag;
    const text = joinReference({ name: inName.name, tag, digest: inName.digest === undefined ? undefined : pin });
    splices.push(replaceValue(file, newName, text));
  }
  if (digest && entry.digest !== undefined) {
    if (pin !== undefined) splices.push(replaceValue(file, digest, pin));
    else if (newTag || inName.tag !== undefined) splices.push(removeLine(file, entry, digest));
    else return [...splices, renameKey(file, digest, 'newTag'), replaceValue(file, digest, image.tag)];
  }
  if (inName.tag !== undefined) return splices;
  if (newTag) {
    const text = joinReference({
      name: image.tag,
      tag: undefined,
      digest: inTag.digest === undefined ? undefined : pin,
    });
    splices.push(replaceValue(file, newTag, text));
  } else if (pin === undefined) splices.push(insertTag(file, entry, image.tag));
  return splices;
}

/** `1.2.3@sha256:…`, as Renovate writes it. */
function splitTag(newTag: string | undefined): Pick<Reference, 'tag' | 'digest'> {
  const at = newTag?.indexOf('@') ?? -1;
  return at < 0 ? { tag: newTag, digest: undefined } : { tag: newTag?.slice(0, at), digest: newTag?.slice(at + 1) };
}

/** Refuses an entry with its tag or digest in two places: kustomize joins them to an image that cannot be pulled. */
function refuseContradiction(
  file: Kustomization,
  entry: ImageEntry,
  inName: Reference,
  inTag: Pick<Reference, 'digest'>,
): void {
  const place = file.place(entry.map.range?.[0] ?? 0);
  const refuse = (why: string): never => {
    throw new FileInvalid(`${why} (${place})`);
  };
  const ownName = splitReference(entry.name);
  if (entry.newName === undefined && (ownName.tag ?? ownName.digest) !== undefined) {
    refuse('`name` has a tag or a digest, so it matches no other image: remove it from `name`');
  }
  if (entry.newTag !== undefined && inName.tag !== undefined) {
    refuse('`newName` and `newTag` both have a tag: remove the one in `newName`');
  }
  if (entry.newTag !== undefined && inName.digest !== undefined) {
    refuse('`newName` has a digest, and kustomize appends `newTag` to it: remove the digest from `newName`');
  }
  if (entry.digest !== undefined && (inName.digest ?? inTag.digest) !== undefined) {
    refuse('the entry has two digests: keep the one in `digest`');
  }
}

function replaceValue(file: Kustomization, pair: Pair, text: string): Splice {
  if (pair.value === null) {
    const [start] = rangeOf(scalarOf(file, pair.key));
    throw new FileInvalid(`a key without a value cannot be edited (${file.place(start)})`);
  }
  return replaceScalar(file, pair.value, text);
}

function renameKey(file: Kustomization, pair: Pair, name: string): Splice {
  return replaceScalar(file, pair.key, name);
}

/** Removes a pair with its line, which is only possible if nothing else is on that line. */
function removeLine(file: Kustomization, entry: ImageEntry, pair: Pair): Splice {
  const [keyStart] = rangeOf(scalarOf(file, pair.key));
  const [, valueEnd] = rangeOf(scalarOf(file, pair.value));
  const start = file.text.lastIndexOf('\n', keyStart - 1) + 1;
  const newline = file.text.indexOf('\n', valueEnd);
  const end = newline < 0 ? file.text.length : newline + 1;
  const alone =
    !entry.map.flow &&
    /^[ ]*$/.test(file.text.slice(start, keyStart)) &&
    /^[ \t\r\n]*$/.test(file.text.slice(valueEnd, end)) &&
    newline >= 0;
  if (!alone) {
    throw new FileInvalid(
      `the entry is pinned by a digest that the promotion does not know, and the pin shares its line (${file.place(keyStart)}): give it a line of its own, or remove it`,
    );
  }
  return { start, end, text: '' };
}

/** Adds `newTag` after the name, in the style of the name. */
function insertTag(file: Kustomization, entry: ImageEntry, tag: string): Splice {
  const endOf = (pair: Pair) => rangeOf(scalarOf(file, pair.value))[1];
  const [last] = [pairOf(entry.map, 'name'), pairOf(entry.map, 'newName')]
    .filter((pair) => pair !== undefined && pair.value !== null)
    .sort((a, b) => endOf(b as Pair) - endOf(a as Pair));
  if (!last) throw new FileInvalid('an entry without a name cannot be edited');
  const key = scalarOf(file, last.key);
  const value = scalarOf(file, last.value);
  const [keyStart] = rangeOf(key);
  const [, valueEnd] = rangeOf(value);
  const keyQuote = quoteOf(file, key);
  const pair = `${keyQuote}newTag${keyQuote}: ${formatScalar(tag, quoteOf(file, value))}`;
  if (entry.map.flow) return { start: valueEnd, end: valueEnd, text: `, ${pair}` };

  const lineStart = file.text.lastIndexOf('\n', keyStart - 1) + 1;
  // Everything before the key, including the dash of the list, becomes white space of the same width.
  const indentation = file.text.slice(lineStart, keyStart).replaceAll(/\S/g, ' ');
  const newline = file.text.indexOf('\n', valueEnd);
  const eol = file.text.includes('\r\n') ? '\r\n' : '\n';
  const end = file.text.length;
  if (newline < 0) return { start: end, end, text: `${eol}${indentation}${pair}` };
  return { start: newline + 1, end: newline + 1, text: `${indentation}${pair}${eol}` };
}
