import { applicationKey, type DataOf } from '@k8sta/contracts';
import type { Station, Track } from '@k8sta/tracks';
import { type Home, homeAt, isDirectory, refsOf, seenFrom } from './home.js';
import { membersOf } from './members.js';
import type { ApplicationSource, Observations, Observed } from './observed.js';

type ProtectedSource = DataOf<'promotion.requested'>['protectedSources'][number];

/** A source as seen from one of the repositories and branches that it reads. */
export interface ReadAt extends Pick<ApplicationSource, 'branch' | 'source'> {
  /** Normalised. */
  readonly repository: string;
}

/**
 * Every repository and branch that an Application reads, and its source as seen from there. A tag or a commit may be one of
 * the branch; its files stay as they are.
 */
export function readAt({ sources }: Pick<Observed, 'sources'>): ReadAt[] {
  return sources.flatMap((source, index) => {
    const indexes = [...(isDirectory(source) ? [index] : []), ...refsOf(sources, source)];
    const homes = new Map<string, Home>();
    for (const each of indexes) {
      const home = homeOrNone(sources, each);
      if (home && !home.pinned) homes.set(`${home.repository} ${home.branch ?? ''}`, home);
    }
    return [...homes.values()].map((home) => {
      const { repository, branch } = home;
      return { repository, branch, source: seenFrom(home, sources, source) };
    });
  });
}

/** An address that is none cannot be the repository of anybody's commit. */
function homeOrNone(sources: Observed['sources'], index: number): Home | undefined {
  try {
    return homeAt(sources, index);
  } catch {
    return undefined;
  }
}

interface Surroundings {
  readonly track: Track;
  readonly station: Station;
  readonly observations: Observations;
  readonly sourcesOf: (repository: string) => readonly ApplicationSource[];
}

/** The sources of Applications outside the Station that read the branch: no edit may change what they render. */
export function protectedSources(
  { track, station, observations, sourcesOf }: Surroundings,
  own: Pick<Home, 'repository' | 'branch'>,
): ProtectedSource[] {
  const others = othersOf(track, observations, station).flatMap(({ other, key }) => {
    const known = observations[key];
    if (!known || known.gone) return [];
    const { namespace, name } = known.observed;
    return readAt(known.observed)
      .filter(({ repository, branch }) => repository === own.repository && mayBeSame(branch, own.branch))
      .map(({ source }) => ({ station: other.name, namespace, name, source }));
  });
  const members = new Set(track.stations.flatMap((each) => membersOf(observations, each).map(applicationKey)));
  // Applications that read the same in the same way render the same.
  const strangers = new Map<string, ProtectedSource>();
  for (const { namespace, name, branch, source } of sourcesOf(own.repository)) {
    if (!mayBeSame(branch, own.branch) || members.has(applicationKey({ namespace, name }))) continue;
    const key = JSON.stringify(source);
    if (!strangers.has(key)) strangers.set(key, { namespace, name, source });
  }
  return [...others, ...strangers.values()];
}

/** The Applications of the Track's other Stations. */
export function othersOf(
  track: Track,
  observations: Observations,
  station: Station,
): { readonly other: Station; readonly key: string }[] {
  return track.stations
    .filter((other) => other.name !== station.name)
    .flatMap((other) => membersOf(observations, other).map((each) => ({ other, key: applicationKey(each) })));
}

/** HEAD, which has no name here, may be any branch. */
function mayBeSame(branch: string | undefined, other: string | undefined): boolean {
  return branch === other || !branch || !other;
}
