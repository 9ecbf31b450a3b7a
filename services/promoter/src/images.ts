import { normaliseRepository } from '@k8sta/contracts';
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import { isPlainString } from './scalar.js';

/** Why a kustomization cannot be read or edited, with the place to look at. */
export class FileInvalid extends Error {
  override readonly name = 'FileInvalid';
}

/** One entry of `images:` that is about the image looked for. */
export interface ImageEntry {
  readonly map: YAMLMap;
  readonly name: string;
  readonly newName: string | undefined;
  readonly newTag: string | undefined;
  /** The tag stands there without the quotes it needs: YAML makes a number, a date or a boolean of it. */
  readonly tagNeedsQuotes: boolean;
  readonly digest: string | undefined;
}

/** A kustomization as far as it is looked at here. */
export interface Kustomization {
  readonly text: string;
  readonly entries: readonly ImageEntry[];
  /** `line 3, column 5`, for people. */
  place(offset: number): string;
}

/** A kustomization is written by people; what is larger than this is not one. */
const maxCharacters = 1024 * 1024;

/** It is published and logged, and the file may hold anything. */
const maxSpelled = 512;

/** Parses YAML and keeps where each node stands. Throws {@link FileInvalid} with line and column. */
export function parseYaml(text: string): { document: Document; place: (offset: number) => string } {
  if (text.length > maxCharacters) throw new FileInvalid(`has more than ${maxCharacters} characters`);
  const lines = new LineCounter();
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `line ${line}, column ${col}`;
  };
  let document: Document;
  try {
    document = parseDocument(text, { lineCounter: lines, prettyErrors: false, keepSourceTokens: true });
  } catch (error) {
    // The parser recurses; thousands of nested brackets end its stack.
    if (error instanceof RangeError) throw new FileInvalid('is nested too deeply to be read');
    throw error;
  }
  const [fault] = document.errors;
  if (fault) throw new FileInvalid(`is no valid YAML: ${fault.message} (${place(fault.pos[0])})`);
  return { document, place };
}

/** Reads the entries of `images:` that deploy this repository: its new name counts, else its name. Throws {@link FileInvalid}. */
export function readKustomization(source: string, repository: string): Kustomization {
  const { document, place } = parseYaml(source);
  const text = (map: YAMLMap, key: string) => scalarText(valueUnder(map, key, document));
  const refuse = (offset: number, why: string): never => {
    throw new FileInvalid(`${why} (${place(offset)})`);
  };
  const root = document.contents;
  if (root === null || (isScalar(root) && root.value === null)) return { text: source, entries: [], place };
  if (!isMap(root)) return refuse(root.range?.[0] ?? 0, 'is no mapping');
  const images = root.get('images', true) as unknown;
  if (images === undefined || images === null || (isScalar(images) && images.value === null)) {
    return { text: source, entries: [], place };
  }
  const at = offsetOf(images) ?? 0;
  if (!isSeq(images)) return refuse(at, '`images` is no list that is written out');
  const entries: ImageEntry[] = [];
  for (const item of images.items) {
    const offset = offsetOf(item) ?? at;
    if (isAlias(item)) refuse(offset, 'an entry of `images` is an alias');
    if (!isMap(item)) return refuse(offset, 'an entry of `images` is no mapping');
    if (item.has('<<')) refuse(offset, 'an entry of `images` uses a merge key');
    const entry = {
      map: item,
      name: text(item, 'name') ?? '',
      newName: text(item, 'newName'),
      newTag: text(item, 'newTag'),
      tagNeedsQuotes: needsQuotes(item, 'newTag'),
      digest: text(item, 'digest'),
    };
    if (!isRepository(entry.newName ?? entry.name, repository)) {
      // A tag of ours on a repository that is not ours would run other bits than the Ticket names.
      if (isRepository(entry.name, repository))
        refuse(offset, 'the entry puts another repository in place of our image');
      continue;
    }
    if (text(item, 'tagSuffix')) refuse(offset, 'the entry has a `tagSuffix`, which makes another tag of ours');
    entries.push(entry);
  }
  return { text: source, entries, place };
}

/** The image of each entry as the file spells it, in the order of the file; undefined when there is none. */
export function spellEntries(entries: readonly ImageEntry[]): string | undefined {
  if (entries.length === 0) return undefined;
  return [...new Set(entries.map(spellEntry))].join(', ').slice(0, maxSpelled);
}

function spellEntry({ name, newName, newTag, digest }: ImageEntry): string {
  return `${newName || name}${newTag ? `:${newTag}` : ''}${digest ? `@${digest}` : ''}`;
}

/** The pair of a mapping that has this key. */
export function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
}

/** The value of a key. An alias counts as what it stands for: it can be read, if not edited. */
function valueUnder(map: YAMLMap, key: string, document: Document): unknown {
  const value = pairOf(map, key)?.value;
  return isAlias(value) ? value.resolve(document) : value;
}

/**
 * A value's text. Without quotes it is what the file says, not what YAML makes of it: `1.10` is the tag 1.10 here,
 * whatever kustomize will say of the number.
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

function isRepository(reference: string | undefined, repository: string): boolean {
  if (!reference) return false;
  try {
    return normaliseRepository(reference) === repository;
  } catch {
    // Not every text that somebody wrote there is an image reference; such an entry is about nothing of ours.
    return false;
  }
}

function offsetOf(node: unknown): number | undefined {
  return (node as { range?: [number, number, number] | null } | null)?.range?.[0];
}
