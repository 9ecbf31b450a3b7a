import { didYouMean, sanitizeLine } from '@k8sta/text';
import type { z } from 'zod';
import { type Path, valueAt } from './path.js';
import {
  editObject,
  fileObject,
  imageObject,
  selectorObject,
  stationObject,
  tagsObject,
  trackObject,
} from './schema.js';

/** What the object at a path is, which keys it has, and which keys are designed but not yet supported. */
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
  'tracks.stations.edit': { what: 'an edit', keys: Object.keys(editObject.shape), notYet: [] },
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

/** What the items of a list of text are. */
const items: Record<string, string | undefined> = {
  applications: 'an Application',
  aliases: 'an alias',
  ignore: 'an item of "ignore"',
};

/** A fault at a path; `key` if the fault is about a key of the mapping there. */
export interface Explanation {
  readonly path: Path;
  readonly key?: string;
  readonly message: string;
}

/** Turns an issue of the schema into messages that a person can act on; empty if another issue already covers it. */
export function explain(issue: z.core.$ZodIssue, file: unknown): Explanation[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path, key, message: unknownKey(placeOf(path), key) }));
  }
  if (issue.code === 'invalid_union') {
    // The only choice is between one value and a list of them.
    const issues = issue.errors[Array.isArray(valueAt(file, path)) ? 1 : 0] ?? [];
    return issues.flatMap((each) => explain({ ...each, path: [...path, ...each.path] }, file));
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
      // The schema has a message of its own, which says what to write instead.
      if (!issue.message.startsWith('Invalid input')) return issue.message;
      const quote = issue.expected === 'string' && (typeof value === 'number' || typeof value === 'boolean');
      return `must be ${types[issue.expected] ?? issue.expected}, not ${typeName(value)}${quote ? '; put it in quotes' : ''}`;
    }
    case 'invalid_value': {
      const allowed = issue.values.map((each) => `"${String(each)}"`).join(' or ');
      return value === valuesNotYet[key] ? `does not support "${value}" yet; write ${allowed}` : `must be ${allowed}`;
    }
    case 'invalid_key':
      return issue.issues[0]?.message ?? issue.message;
    case 'too_small':
      return 'must not be empty';
    case 'too_big':
      return `must have at most ${issue.maximum} ${issue.origin === 'array' ? 'entries' : 'characters'}`;
    default:
      return issue.message;
  }
}

/** Names a key by its text, and the file or an item of a list by its kind. */
function nameOf(path: Path): string {
  const last = path.at(-1);
  if (typeof last === 'string') return `"${last}"`;
  return (items[String(path.at(-2))] ?? placeOf(path)?.what) || 'this';
}

function unknownKey(place: Place | undefined, key: string): string {
  if (key === '<<') {
    return 'YAML merge keys ("<<") are not supported: write the keys out here, or give a whole value an anchor and use it as an alias ("images: *images")';
  }
  if (place?.notYet.includes(key)) return `"${key}" is not supported yet; remove it`;
  const known = place?.keys.map((each) => `"${each}"`).join(', ');
  const nearest = didYouMean(key, place?.keys ?? []);
  return `unknown key ${JSON.stringify(sanitizeLine(key, 60))}${nearest || `; ${place?.what ?? 'this'} has ${known}`}`;
}

/** A junction has Tracks instead of Applications: the message for `tracks` already says that they are not supported yet. */
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
