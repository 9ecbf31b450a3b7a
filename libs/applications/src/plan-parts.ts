import {
  type ApplicationRef,
  applicationKey,
  type DataOf,
  type ImageRef,
  tryParseImage,
  type WantedImage,
} from '@k8sta/contracts';
import { imagesOf, type Station, type Track } from '@k8sta/tracks';
import { type Chosen, chooseSources, type Obstacle } from './choose-sources.js';
import { membersOf, nothingSelected } from './members.js';
import type { ApplicationSource, Observations } from './observed.js';
import { othersOf, protectedSources } from './protected-sources.js';

type Request = DataOf<'promotion.requested'>;

/** One repository and branch of a Station: what a request says of its Applications. */
export type PlannedPart = Pick<Request, 'repository' | 'branch' | 'applications' | 'protectedSources'>;

/** What decides the parts of a promotion. */
export interface PartsWanted {
  readonly track: Track;
  readonly station: Station;
  readonly image: ImageRef;
  readonly observations: Observations;
  /** What every observed Application reads, on the Track or not, by normalised repository. */
  readonly sourcesOf: (repository: string) => readonly ApplicationSource[];
  /** Why an Application may be unknown, for people. */
  readonly notObserved?: string;
}

const byWatcher = 'argo-watcher has not seen this Application; does it exist, in a namespace that is watched?';

/**
 * Groups the Station's Applications by (normalised repository, branch): each group is one request, one commit, one
 * outcome. Everything is derived from the Applications themselves; the tracks file repeats none of it.
 */
export function planParts(wanted: PartsWanted): { parts: PlannedPart[] } | { obstacles: [Obstacle, ...Obstacle[]] } {
  const { track, station, observations } = wanted;
  const members = membersOf(observations, station);
  if (members.length === 0) return { obstacles: [{ reason: 'NothingSelected', message: nothingSelected(station) }] };
  const found = members.map((application) => locate(wanted, application));
  const [first, ...more] = [...found.flatMap((each) => ('reason' in each ? [each] : [])), ...unobservedOthers(wanted)];
  if (first) return { obstacles: [first, ...more] };
  const image = wantedImage(track, wanted.image);
  const groups = grouped(found.flatMap((each) => ('reason' in each ? [] : [each])));
  return {
    parts: groups.map(([one, ...others]) => ({
      repository: one.home.address,
      ...(one.home.branch && { branch: one.home.branch }),
      applications: [one, ...others].map((each) => asked(each, image, station)),
      protectedSources: protectedSources(wanted, one.home),
    })),
  };
}

/** The image with the repositories that stand in for its own, as the Track says. */
function wantedImage(track: Track, image: ImageRef): WantedImage {
  const aliases = imagesOf(track).find(({ repository }) => repository === image.repository)?.aliases;
  return { ...image, ...(aliases && { aliases: [...aliases] }) };
}

function asked(
  { observed, home, sources }: Chosen,
  image: WantedImage,
  { edit }: Station,
): PlannedPart['applications'][number] {
  const { namespace, name, images } = observed;
  const repositories = [image.repository, ...(image.aliases ?? [])];
  return {
    ...{ namespace, name, sources: [...sources], sourceIndex: home.index, image: { ...image } },
    ...(edit && { edit: { ...edit } }),
    runs: images.filter((each) => repositories.includes(tryParseImage(each)?.repository ?? '')),
  };
}

function grouped(chosen: readonly Chosen[]): [Chosen, ...Chosen[]][] {
  const groups = new Map<string, [Chosen, ...Chosen[]]>();
  for (const each of chosen) {
    const key = `${each.home.repository} ${each.home.branch ?? 'HEAD'}`;
    const group = groups.get(key);
    if (group) group.push(each);
    else groups.set(key, [each]);
  }
  return [...groups.values()];
}

function locate(wanted: PartsWanted, application: ApplicationRef): Chosen | Obstacle {
  const key = applicationKey(application);
  const known = wanted.observations[key];
  if (known && !known.gone) return chooseSources(known.observed);
  const { namespace, name } = application;
  const message = known
    ? 'the Application no longer exists; create it, or remove it from the tracks file'
    : (wanted.notObserved ?? byWatcher);
  const reason = known ? 'ApplicationGone' : 'ApplicationNotObserved';
  return { reason, message: `${key}: ${message}`, application: { namespace, name } };
}

/** Why nothing may be committed yet: it is unknown which files another Station reads. */
function unobservedOthers({ track, station, observations, notObserved = byWatcher }: PartsWanted): Obstacle[] {
  return othersOf(track, observations, station).flatMap(({ other, key }): Obstacle[] => {
    const known = observations[key];
    if (known && (known.gone || known.observed.sources.length > 0)) return [];
    const why = known ? 'it shows no source' : notObserved;
    const message = `${key}: ${why}; until then it is unknown which files ${other.name} reads`;
    return [{ reason: 'ApplicationNotObserved', message }];
  });
}
