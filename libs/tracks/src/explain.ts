import { didYouMean, sanitizeLine } from '@k8sta/text';
import type { z } from 'zod';
import { approvalObject, checkObject, gatesObject, windowObject } from './gates-schema.js';
import { type Path, valueAt } from './path.js';
import { fileObject, imageObject, tagsObject, trackObject } from './schema.js';
import { editObject, selectorObject, stationObject } from './station-schema.js';
import { pullRequestObject, writeObject } from './write-schema.js';

/** What the object at a path is, and which keys it has. */
interface Place {
  readonly what: string;
  readonly keys: readonly string[];
}

const place = (what: string, { shape }: { shape: object }): Place => ({ what, keys: Object.keys(shape) });

const places: Record<string, Place> = {
  '': place('a tracks file', fileObject),
  tracks: place('a Track', trackObject),
  'tracks.images': place('an image', imageObject),
  'tracks.images.tags': place('a tag rule', tagsObject),
  'tracks.stations': place('a Station', stationObject),
  'tracks.stations.gates': place('the gates of a Station', gatesObject),
  'tracks.stations.gates.approval': place('an approval', approvalObject),
  'tracks.stations.gates.windows': place('a window', windowObject),
  'tracks.stations.gates.checks': place('a check', checkObject),
  'tracks.stations.edit': place('an edit', editObject),
  'tracks.stations.write': place('"write"', writeObject),
  'tracks.stations.write.pullRequest': place('a pull request', pullRequestObject),
  'tracks.write': place('"write"', writeObject),
  'tracks.write.pullRequest': place('a pull request', pullRequestObject),
  'tracks.stations.selector': place('a selector', selectorObject),
};

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
  by: 'an item of "by"',
  after: 'an item of "after"',
  labels: 'an item of "labels"',
  reviewers: 'an item of "reviewers"',
  tracks: 'an item of "tracks"',
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
    // A choice is between one value and a list of them, or between a mapping and false.
    const issues = issue.errors[Array.isArray(valueAt(file, path)) ? 1 : 0] ?? [];
    return issues.flatMap((each) => explain({ ...each, path: [...path, ...each.path] }, file));
  }
  const last = path.at(-1);
  const value = valueAt(file, path);
  if (value === undefined && typeof last === 'string') {
    const parent = path.slice(0, -1);
    return [{ path: parent, message: `${placeOf(parent)?.what ?? 'this'} needs "${last}"` }];
  }
  return [{ path, message: `${nameOf(path)} ${demand(issue, value)}` }];
}

function demand(issue: z.core.$ZodIssue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type': {
      // The schema has a message of its own, which says what to write instead.
      if (!issue.message.startsWith('Invalid input')) return issue.message;
      const quote = issue.expected === 'string' && (typeof value === 'number' || typeof value === 'boolean');
      return `must be ${types[issue.expected] ?? issue.expected}, not ${typeName(value)}${quote ? '; put it in quotes' : ''}`;
    }
    case 'invalid_value':
      return `must be ${issue.values.map((each) => `"${String(each)}"`).join(' or ')}`;
    case 'invalid_key':
      return issue.issues[0]?.message ?? issue.message;
    case 'too_small':
      return issue.origin === 'number' || issue.origin === 'int'
        ? `must be at least ${issue.minimum}`
        : 'must not be empty';
    case 'too_big':
      if (issue.origin === 'number' || issue.origin === 'int') return `must be at most ${issue.maximum}`;
      return `must have at most ${issue.maximum} ${issue.origin === 'array' ? 'entries' : 'characters'}`;
    default:
      return issue.message;
  }
}

/** Names a key by its text, and the file or an item of a list by its kind. */
function nameOf(path: Path): string {
  const last = path.at(-1);
  if (typeof last === 'string') return `"${last}"`;
  return placeOf(path)?.what ?? items[String(path.at(-2))] ?? 'this';
}

function unknownKey(place: Place | undefined, key: string): string {
  if (key === '<<') {
    return 'YAML merge keys ("<<") are not supported: write the keys out here, or give a whole value an anchor and use it as an alias ("images: *images")';
  }
  const known = place?.keys.map((each) => `"${each}"`).join(', ');
  const nearest = didYouMean(key, place?.keys ?? []);
  return `unknown key ${JSON.stringify(sanitizeLine(key, 60))}${nearest || `; ${place?.what ?? 'this'} has ${known}`}`;
}

function placeOf(path: Path): Place | undefined {
  return places[path.filter((step) => typeof step === 'string').join('.')];
}

function typeName(value: unknown): string {
  if (value === null) return 'empty';
  return types[Array.isArray(value) ? 'array' : typeof value] ?? typeof value;
}
