import { type ApplicationSource, type Observations, readAt } from '@k8sta/applications';
import type { ImageRef } from '@k8sta/contracts';
import { imagesOf, isJunction, loadTracks, type Track, whyNotCarried } from '@k8sta/tracks';
import type { PlanAnswer, TrackAnswer } from './answer.js';
import { type CheckoutOption, Checkouts } from './checkouts.js';
import { PlanFault } from './fault.js';
import { planStation } from './plan-station.js';
import { readApplications } from './read-applications.js';

/** What `k8sta plan` is asked. */
export interface PlanRequest {
  readonly image: ImageRef;
  readonly tracks: readonly string[];
  readonly applications: readonly string[];
  readonly checkouts: readonly CheckoutOption[];
}

const notObserved = 'the files of --applications do not have this Application';

/** Plans, from files alone, what the image would change at each Station of each Track that it rides. */
export async function plan({ image, ...request }: PlanRequest): Promise<PlanAnswer> {
  const tracks = await loadTracks(request.tracks);
  const observations = await readApplications(request.applications, new Date());
  const subscribed = tracks.filter((track) =>
    imagesOf(track).some(({ repository }) => repository === image.repository),
  );
  if (subscribed.length === 0) throw new PlanFault([nobodySubscribes(tracks, image)]);
  const checkouts = new Checkouts(request.checkouts);
  try {
    await checkouts.check();
    const sources = sourcesIn(observations);
    const answers: TrackAnswer[] = [];
    for (const track of subscribed) {
      const message = whyNotCarried(tracks, track, image.repository, image.tag);
      if (message === undefined) answers.push(await planTrack(checkouts, track, image, observations, sources));
      else answers.push({ track: track.name, reason: 'TagNotSubscribed', message, stations: [] });
    }
    return { tracks: answers };
  } finally {
    await checkouts.close();
  }
}

async function planTrack(
  checkouts: Checkouts,
  track: Track,
  image: ImageRef,
  observations: Observations,
  sources: ReadonlyMap<string, readonly ApplicationSource[]>,
): Promise<TrackAnswer> {
  const sourcesOf = (repository: string) => sources.get(repository) ?? [];
  const stations = [];
  for (const station of track.stations) {
    // The Tracks that it names are planned as Tracks of their own.
    if (isJunction(station)) continue;
    stations.push(await planStation(checkouts, { track, station, image, observations, sourcesOf, notObserved }));
  }
  return { track: track.name, stations };
}

/** What every Application reads, by normalised repository. */
function sourcesIn(observations: Observations): ReadonlyMap<string, ApplicationSource[]> {
  const sources = new Map<string, ApplicationSource[]>();
  for (const { observed } of Object.values(observations)) {
    const { namespace, name } = observed;
    for (const { repository, branch, source } of readAt(observed)) {
      const known = sources.get(repository) ?? [];
      known.push({ namespace, name, branch, source });
      sources.set(repository, known);
    }
  }
  return sources;
}

function nobodySubscribes(tracks: readonly Track[], { repository }: ImageRef): string {
  const behind = tracks.flatMap(({ images }) => images.filter(({ aliases = [] }) => aliases.includes(repository)));
  const [alias] = behind;
  const hint = alias ? `; it is an alias of ${alias.repository}, which you can plan instead` : '';
  return `no Track subscribes to ${repository}${hint}`;
}
