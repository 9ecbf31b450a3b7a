import type { ImageRef } from '@k8sta/contracts';
import { isScalar, type Pair, type Scalar } from 'yaml';
import { FileInvalid, type ImageEntry, type Kustomization, pairOf, readKustomization, spellEntries } from './images.js';
import { type Quote, spellScalar } from './scalar.js';

/** What became of a kustomization's text. `before` and `after` are images as the file spells them. */
export type Edit =
  | { readonly is: 'edited'; readonly text: string; readonly before: string; readonly after: string }
  | { readonly is: 'unchanged'; readonly before: string }
  | { readonly is: 'notNamed' }
  | { readonly is: 'refused'; readonly message: string };

/**
 * Makes every entry of a kustomization's `images:` that is about this repository name this tag (and digest, where the
 * entry is pinned by one). Only the characters of the values move; every other byte stays as it was.
 */
export function editImage(text: string, image: ImageRef): Edit {
  try {
    const file = readKustomization(text, image.repository);
    const before = spellEntries(file.entries);
    if (before === undefined) return { is: 'notNamed' };
    const splices = file.entries
      .filter((entry) => !entryNames(entry, image))
      .flatMap((entry) => splicesFor(file, entry, image));
    if (splices.length === 0) return { is: 'unchanged', before };
    const edited = apply(text, splices);
    const now = readKustomization(edited, image.repository);
    // The proof of the pudding: whatever was unusual about the file, we do not push what does not say what we meant.
    if (now.entries.length !== file.entries.length || !now.entries.every((entry) => entryNames(entry, image))) {
      return { is: 'refused', message: 'the entry of `images` cannot be edited in place' };
    }
    return { is: 'edited', text: edited, before, after: spellEntries(now.entries) ?? '' };
  } catch (error) {
    if (error instanceof FileInvalid) return { is: 'refused', message: error.message };
    throw error;
  }
}

/** What a kustomization says of an image. Throws {@link FileInvalid}. */
export function readImage(text: string, image: ImageRef): { names: boolean; spelled: string | undefined } {
  const { entries } = readKustomization(text, image.repository);
  const names = entries.length > 0 && entries.every((entry) => entryNames(entry, image));
  return { names, spelled: spellEntries(entries) };
}

/** A digest wins over a tag in kustomize, so a pin is only ours when it is our digest. */
function entryNames(entry: ImageEntry, image: ImageRef): boolean {
  const isTagged = entry.newTag === image.tag && !entry.tagNeedsQuotes;
  if (entry.digest === undefined) return isTagged;
  const isPinned = image.digest !== undefined && entry.digest.toLowerCase() === image.digest.toLowerCase();
  return isPinned && (entry.newTag === undefined || isTagged);
}

/** Replaces the text from `start` to `end`. */
interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

function apply(text: string, splices: readonly Splice[]): string {
  return [...splices]
    .sort((a, b) => b.start - a.start)
    .reduce((sofar, { start, end, text: put }) => sofar.slice(0, start) + put + sofar.slice(end), text);
}

function splicesFor(file: Kustomization, entry: ImageEntry, image: ImageRef): Splice[] {
  const tag = pairOf(entry.map, 'newTag');
  const digest = pairOf(entry.map, 'digest');
  const splices: Splice[] = [];
  if (digest && entry.digest !== undefined) {
    if (image.digest !== undefined) splices.push(replaceValue(file, digest, image.digest));
    else if (tag) splices.push(removeLine(file, entry, digest));
    else return [renameKey(file, digest, 'newTag'), replaceValue(file, digest, image.tag)];
  }
  if (tag) splices.push(replaceValue(file, tag, image.tag));
  else if (entry.digest === undefined) splices.push(insertTag(file, entry, image.tag));
  return splices;
}

function replaceValue(file: Kustomization, pair: Pair, text: string): Splice {
  const key = scalarOf(file, pair.key);
  const value = pair.value;
  if (value === null) throw new FileInvalid(`a key without a value cannot be edited (${file.place(startOf(key))})`);
  const scalar = scalarOf(file, value);
  const [start, end] = rangeOf(scalar);
  // `newTag:` with nothing after it: the colon is followed by whatever ends the line.
  const padding = start === end && !/\s/.test(file.text[start - 1] ?? '') ? ' ' : '';
  return { start, end, text: padding + spellScalar(text, quoteOf(file, scalar)) };
}

function renameKey(file: Kustomization, pair: Pair, name: string): Splice {
  const key = scalarOf(file, pair.key);
  const [start, end] = rangeOf(key);
  return { start, end, text: spellScalar(name, quoteOf(file, key)) };
}

/** Takes a pair out with its line, which only can be done when nothing else stands on it. */
function removeLine(file: Kustomization, entry: ImageEntry, pair: Pair): Splice {
  const keyStart = startOf(scalarOf(file, pair.key));
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

/** Adds `newTag` behind the name, in the style of the name. */
function insertTag(file: Kustomization, entry: ImageEntry, tag: string): Splice {
  const endOf = (pair: Pair) => rangeOf(scalarOf(file, pair.value))[1];
  const [last] = [pairOf(entry.map, 'name'), pairOf(entry.map, 'newName')]
    .filter((pair) => pair !== undefined && pair.value !== null)
    .sort((a, b) => endOf(b as Pair) - endOf(a as Pair));
  if (!last) throw new FileInvalid('an entry without a name cannot be edited');
  const key = scalarOf(file, last.key);
  const value = scalarOf(file, last.value);
  const [, valueEnd] = rangeOf(value);
  const keyQuote = quoteOf(file, key);
  const pair = `${keyQuote}newTag${keyQuote}: ${spellScalar(tag, quoteOf(file, value))}`;
  if (entry.map.flow) return { start: valueEnd, end: valueEnd, text: `, ${pair}` };

  const lineStart = file.text.lastIndexOf('\n', startOf(key) - 1) + 1;
  // Everything before the key, the list's dash included, becomes white space of the same width.
  const indentation = file.text.slice(lineStart, startOf(key)).replaceAll(/\S/g, ' ');
  const newline = file.text.indexOf('\n', valueEnd);
  const eol = file.text.includes('\r\n') ? '\r\n' : '\n';
  const end = file.text.length;
  if (newline < 0) return { start: end, end, text: `${eol}${indentation}${pair}` };
  return { start: newline + 1, end: newline + 1, text: `${indentation}${pair}${eol}` };
}

/** The node as a scalar that may be edited: an alias or an anchor has readers elsewhere, a tag gives it another meaning. */
function scalarOf(file: Kustomization, node: unknown): Scalar {
  const offset = (node as { range?: [number, number, number] } | null)?.range?.[0] ?? 0;
  if (!isScalar(node)) throw new FileInvalid(`an alias or a nested value cannot be edited (${file.place(offset)})`);
  if (node.anchor !== undefined || node.tag !== undefined) {
    throw new FileInvalid(`a value with an anchor or a tag cannot be edited (${file.place(offset)})`);
  }
  return node;
}

function rangeOf(scalar: Scalar): [start: number, end: number] {
  const [start, end] = scalar.range ?? [0, 0];
  return [start, end];
}

function startOf(scalar: Scalar): number {
  return rangeOf(scalar)[0];
}

function quoteOf(file: Kustomization, scalar: Scalar): Quote {
  switch (scalar.type) {
    case 'QUOTE_DOUBLE':
      return '"';
    case 'QUOTE_SINGLE':
      return "'";
    case 'PLAIN':
    case undefined:
      return '';
    default:
      throw new FileInvalid(`a block of text cannot be edited (${file.place(startOf(scalar))})`);
  }
}
