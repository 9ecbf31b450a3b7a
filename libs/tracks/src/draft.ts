import { applicationKey, normaliseRepository } from '@k8sta/contracts';
import { type Path, valueAt } from './path.js';
import type { Source } from './source.js';
import { defaultNamespace } from './station-schema.js';

/** A part of a file. */
export interface Item {
  readonly source: Source;
  readonly path: Path;
}

/** A name and where it is written. */
export interface Naming extends Item {
  readonly name: string;
}

/**
 * What a Track names, whether or not it satisfies the schema: names are compared between all files, and a person sees those
 * faults together with the others. What is not a name is left out; the schema reports it.
 */
export interface DraftTrack extends Item {
  /** Empty if the Track has no name. */
  readonly names: readonly Naming[];
  readonly leavesOutImages: boolean;
  readonly repositories: readonly Naming[];
  /** An alias stands in for one image only, and is none of its own. */
  readonly repositoriesAndAliases: readonly Naming[];
  readonly stations: readonly DraftStation[];
}

export interface DraftStation extends Item {
  readonly names: readonly Naming[];
  readonly applications: readonly Naming[];
  /** The Tracks of a junction. */
  readonly tracks: readonly Naming[];
  /** Each as `<track>/<station>`. */
  readonly after: readonly Naming[];
  readonly checks: readonly DraftCheck[];
}

interface DraftCheck extends Item {
  readonly names: readonly Naming[];
  readonly of: readonly Naming[];
}

export function draftsOf(sources: readonly Source[]): DraftTrack[] {
  return sources.flatMap((source) => itemsAt({ source, path: [] }, 'tracks')).map(draftTrack);
}

/** `file:line:column` of a name, for a message about another one. */
export function positionOf({ source, path }: Item): string {
  const { file, line, column } = source.faultAt(path, '');
  return `${file}:${line}:${column}`;
}

function draftTrack(item: Item): DraftTrack {
  const images = itemsAt(item, 'images');
  const value = valueAt(item.source.value, item.path);
  const isMapping = typeof value === 'object' && value !== null && !Array.isArray(value);
  const aliases = (image: Item) => itemsAt(image, 'aliases').flatMap(textAt).flatMap(normalised);
  return {
    ...item,
    names: textAt(at(item, 'name')),
    leavesOutImages: isMapping && !('images' in value),
    repositories: images.flatMap(repositoryOf),
    repositoriesAndAliases: images.flatMap((image) => [...repositoryOf(image), ...aliases(image)]),
    stations: itemsAt(item, 'stations').map(draftStation),
  };
}

function draftStation(item: Item): DraftStation {
  return {
    ...item,
    names: textAt(at(item, 'name')),
    applications: itemsAt(item, 'applications').flatMap(textAt).map(withNamespace),
    tracks: itemsAt(item, 'tracks').flatMap(textAt),
    after: itemsAt(item, 'gates', 'after').flatMap(textAt),
    checks: itemsAt(item, 'gates', 'checks').map((check) => ({
      ...check,
      names: textAt(at(check, 'name')),
      of: textAt(at(check, 'of')),
    })),
  };
}

function at({ source, path }: Item, ...steps: PropertyKey[]): Item {
  return { source, path: [...path, ...steps] };
}

function itemsAt(item: Item, ...steps: PropertyKey[]): Item[] {
  const list = at(item, ...steps);
  const value = valueAt(list.source.value, list.path);
  return Array.isArray(value) ? value.map((_item, index) => at(list, index)) : [];
}

function textAt({ source, path }: Item): Naming[] {
  const name = valueAt(source.value, path);
  return typeof name === 'string' ? [{ source, path, name }] : [];
}

function withNamespace(naming: Naming): Naming {
  const { name } = naming;
  return name.includes('/') ? naming : { ...naming, name: applicationKey({ namespace: defaultNamespace, name }) };
}

function repositoryOf(image: Item): Naming[] {
  return textAt(at(image, 'repository')).flatMap(normalised);
}

function normalised(naming: Naming): Naming[] {
  try {
    return [{ ...naming, name: normaliseRepository(naming.name) }];
  } catch {
    return []; // The schema already reports an invalid repository.
  }
}
