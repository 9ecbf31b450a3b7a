import { didYouMean, oneLine } from '@k8sta/contracts';
import type { z } from 'zod';
import { type Path, valueAt } from './path.js';
import { fileObject, imageObject, selectorObject, stationObject, tagsObject, trackObject } from './schema.js';

/** What the object at a path is, which keys it has, and which are part of the design but not built. */
interface Place {
  readonly what: string;
  readonly keys: readonly string[];
  readonly notYet: readonly string[];
}

const places: Record<string, Place> = {
  '': { what: 'a tracks file', keys: Object.keys(fileObject.shape), notYet: [] },
  tracks: { what: 'a Track', keys: Object.keys(trackObject.shape), notYet: [] },
  'tracks.images': { what: 'an image', keys: Object.keys(imageObject.shape), notYet: [] },
  'tracks.images.tags': { what: 'a tag rule', keys: Object.keys(tagsObject.shape), notYet: [] },
  'tracks.stations': {
    what: 'a Station',
    keys: Object.keys(stationObject.shape),
    notYet: ['gates', 'soak', 'tracks'],
  },
  'tracks.stations.selector': { what: 'a selector', keys: Object.keys(selectorObject.shape), notYet: [] },
};

const valuesNotYet: Record<string, string> = { order: 'semver', onFailure: 'rollback' };

const types: Record<string, string> = {
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
};

/** A fault at a path; `key` where it is about a key of the mapping there. */
export interface Explanation {
  readonly path: Path;
  readonly key?: string;
  readonly message: string;
}

/** An issue of the schema in words a person can act on; nothing where another issue already says it. */
export function explain(issue: z.core.$ZodIssue, file: unknown): Explanation[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path, key, message: unknownKey(placeOf(path), key) }));
  }
  if (issue.code === 'custom' && isJunction(valueAt(file, path))) return [];
  const last = path.at(-1);
  const value = valueAt(file, path);
  if (value === undefined && typeof last === 'string') {
    const parent = path.slice(0, -1);
    return [{ path: parent, message: `${placeOf(parent)?.what ?? 'this'} needs "${last}"` }];
  }
  return [{ path, message: `${nameOf(path)} ${demand(issue, String(last), value)}` }];
}

function demand(issue: z.core.$ZodIssue, key: string, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type': {
      // The schema knows better what to write instead.
      if (!issue.message.startsWith('Invalid input')) return issue.message;
      const quote = issue.expected === 'string' && (typeof value === 'number' || typeof value === 'boolean');
      return `must be ${types[issue.expected] ?? issue.expected}, not ${typeName(value)}${quote ? '; put it in quotes' : ''}`;
    }
    case 'invalid_value': {
      const allowed = issue.values.map((each) => `"${String(each)}"`).join(' or ');
      return value === valuesNotYet[key] ? `can not yet be "${value}"; write ${allowed}` : `must be ${allowed}`;
    }
    case 'invalid_key':
      return issue.issues[0]?.message ?? issue.message;
    case 'too_small':
      return 'must not be empty';
    case 'too_big':
      return `must have at most ${issue.maximum} characters`;
    default:
      return issue.message;
  }
}

/** A key by its name; the file, or an item of a list, by what it is. */
function nameOf(path: Path): string {
  const last = path.at(-1);
  if (typeof last === 'string') return `"${last}"`;
  return path.at(-2) === 'applications' ? 'an Application' : (placeOf(path)?.what ?? 'this');
}

function unknownKey(place: Place | undefined, key: string): string {
  if (key === '<<') {
    return 'YAML merge keys ("<<") are not read: write the keys out here, or give a whole value an anchor and use it as an alias ("images: *images")';
  }
  if (place?.notYet.includes(key)) return `"${key}" is not yet built; leave it out`;
  const known = place?.keys.map((each) => `"${each}"`).join(', ');
  const nearest = didYouMean(key, place?.keys ?? []);
  return `unknown key ${JSON.stringify(oneLine(key, 60))}${nearest || `; ${place?.what ?? 'this'} has ${known}`}`;
}

/** A junction has Tracks instead of Applications: that they are "not yet" has already been said. */
function isJunction(station: unknown): boolean {
  return typeof station === 'object' && station !== null && 'tracks' in station;
}

function placeOf(path: Path): Place | undefined {
  return places[path.filter((step) => typeof step === 'string').join('.')];
}

function typeName(value: unknown): string {
  if (value === null) return 'empty';
  return types[Array.isArray(value) ? 'array' : typeof value] ?? typeof value;
}
