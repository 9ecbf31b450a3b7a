import { applicationKey, normaliseRepository } from '@k8sta/contracts';
import { type Path, valueAt } from './path.js';
import type { Source } from './source.js';
import { defaultNamespace } from './station-schema.js';

/** A name and where it is written. */
export interface Naming {
  readonly source: Source;
  readonly path: Path;
  readonly name: string;
}

/** The second use of a name that may be used only once. */
export interface Duplicate extends Naming {
  readonly what: string;
  readonly first: Naming;
}

/** An Application that two Tracks name for the same image repository. */
export interface Contested extends Naming {
  readonly repository: string;
  readonly first: Naming & { readonly track: string };
}

/**
 * Finds names that are used more than once where they may be used only once. It also looks at values that do not satisfy
 * the schema, so that a person sees all faults at once.
 */
export function findDuplicates(sources: readonly Source[]): Duplicate[] {
  const tracks = sources.flatMap((source) => itemsAt(source, ['tracks']));
  return [
    ...repeated('Track', tracks.flatMap(nameOf)),
    ...tracks.flatMap(({ source, path }) => {
      const stations = itemsAt(source, [...path, 'stations']);
      const applications = stations.flatMap((station) => itemsAt(source, [...station.path, 'applications']));
      const images = itemsAt(source, [...path, 'images']);
      return [
        ...repeated('Station', stations.flatMap(nameOf)),
        ...repeated('Application', applications.flatMap(applicationOf)),
        ...repeated('image repository', images.flatMap(repositoriesOf)),
      ];
    }),
  ];
}

/**
 * Finds Applications that two Tracks name for one image repository: both would commit their tag to the same files, the
 * second perhaps to production before the first. An Application that one Track names twice is a duplicate instead.
 */
export function findContested(sources: readonly Source[]): Contested[] {
  const firsts = new Map<string, Contested['first']>();
  return sources
    .flatMap((source) => itemsAt(source, ['tracks']))
    .flatMap((by) => {
      // `findDuplicates` already reports a Track that is named twice.
      const track = nameOf(by)[0]?.name ?? '';
      const repositories = itemsAt(by.source, [...by.path, 'images']).flatMap(repositoryOf);
      const stations = itemsAt(by.source, [...by.path, 'stations']);
      const applications = stations.flatMap((each) => itemsAt(each.source, [...each.path, 'applications']));
      return applications.flatMap(applicationOf).flatMap((naming): Contested[] => {
        const contested = repositories.flatMap(({ name: repository }) => {
          const key = `${repository} ${naming.name}`;
          const first = firsts.get(key);
          if (!first) firsts.set(key, { ...naming, track });
          return first && first.track !== track ? [{ ...naming, repository, first }] : [];
        });
        // One fault for each place, even if the two Tracks share several repositories.
        return contested.slice(0, 1);
      });
    });
}

interface Item {
  readonly source: Source;
  readonly path: Path;
}

function itemsAt(source: Source, path: Path): Item[] {
  const list = valueAt(source.value, path);
  return Array.isArray(list) ? list.map((_item, at) => ({ source, path: [...path, at] })) : [];
}

function textAt({ source, path }: Item): Naming[] {
  const name = valueAt(source.value, path);
  return typeof name === 'string' ? [{ source, path, name }] : [];
}

function nameOf({ source, path }: Item): Naming[] {
  return textAt({ source, path: [...path, 'name'] });
}

function applicationOf(item: Item): Naming[] {
  return textAt(item).map((naming) => {
    const written = naming.name;
    return {
      ...naming,
      name: written.includes('/') ? written : applicationKey({ namespace: defaultNamespace, name: written }),
    };
  });
}

/** An alias stands in for one image only, and is none of its own. */
function repositoriesOf(image: Item): Naming[] {
  const aliases = itemsAt(image.source, [...image.path, 'aliases']);
  return [...repositoryOf(image), ...aliases.flatMap((alias) => normalised(textAt(alias)))];
}

function repositoryOf({ source, path }: Item): Naming[] {
  return normalised(textAt({ source, path: [...path, 'repository'] }));
}

function normalised(namings: readonly Naming[]): Naming[] {
  return namings.flatMap((naming) => {
    try {
      return [{ ...naming, name: normaliseRepository(naming.name) }];
    } catch {
      return []; // The schema already reports an invalid repository.
    }
  });
}

function repeated(what: string, namings: readonly Naming[]): Duplicate[] {
  const firsts = new Map<string, Naming>();
  return namings.flatMap((naming) => {
    const first = firsts.get(naming.name);
    if (first) return [{ ...naming, what, first }];
    firsts.set(naming.name, naming);
    return [];
  });
}
