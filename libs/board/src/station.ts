import { type ApplicationRef, applicationKey, type DataOf } from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';
import { imagesOf, type Station, selects, type Track } from '@k8sta/tracks';
import type { Facts } from './facts.js';
import { imageName, readImage } from './image.js';
import type { Condition } from './looks.js';
import { type Pause, pauseKey } from './pauses.js';

type Observed = DataOf<'application.observed'>;

/** An Application of a Station, and its condition. */
export interface ApplicationModel {
  readonly namespace: string;
  readonly name: string;
  /** Its Argo CD; undefined for one that was not seen. */
  readonly instance?: string | undefined;
  readonly condition: Condition;
  /** What is not well, in a word or two. */
  readonly words: string;
  readonly trouble: boolean;
}

/** One Station: which of the Track's images run there, and the condition of its Applications. */
export interface StationModel {
  readonly name: string;
  /** The images of the Track's repositories that run there, as Argo CD reports them. */
  readonly images: readonly string[];
  /** Those in trouble first. */
  readonly applications: readonly ApplicationModel[];
  /** The Tracks of a junction. */
  readonly tracks: readonly string[];
  readonly pause?: Pause | undefined;
  readonly trouble: boolean;
}

export function stationModel(facts: Facts, track: Track, station: Station): StationModel {
  const members = membersOf(facts, station);
  const applications = members.map((application) => applicationModel(facts, application));
  return {
    name: station.name,
    images: presentImages(facts, track, members),
    applications: [...applications.filter(({ trouble }) => trouble), ...applications.filter(({ trouble }) => !trouble)],
    tracks: station.tracks ?? [],
    pause: facts.pauses?.get(pauseKey(track.name, station.name)),
    trouble: applications.some(({ trouble }) => trouble),
  };
}

/** Whether the Station names the Application, or selects its labels. */
export function isMember(station: Station, key: string, observed: Observed | undefined): boolean {
  if (station.matchLabels) return observed !== undefined && selects(station, observed.labels);
  return station.applications.some((application) => applicationKey(application) === key);
}

/** The Applications that the Station names, or those with the labels that it selects. */
export function membersOf({ applications }: Facts, station: Station): readonly ApplicationRef[] {
  if (!station.matchLabels) return station.applications;
  const seen = [...applications.values()].filter((application) => application !== undefined);
  return seen.filter(({ labels }) => selects(station, labels));
}

/** What these Applications run of the Track's repositories, as Argo CD reports it, with its parts. */
export function runningAt({ applications }: Facts, track: Track, members: readonly ApplicationRef[]) {
  const repositories = new Set(imagesOf(track).map(({ repository }) => repository));
  return members
    .flatMap((application) => applications.get(applicationKey(application))?.images ?? [])
    .flatMap((image) => {
      const { repository, tag, digest } = readImage(image);
      return repository && repositories.has(repository) ? [{ image, repository, tag: tag ?? digest ?? '' }] : [];
    });
}

function presentImages(facts: Facts, track: Track, members: readonly ApplicationRef[]): string[] {
  const present = runningAt(facts, track, members).map(({ repository, tag }) => imageName(track, repository, tag));
  return [...new Set(present)].map((image) => sanitizeLine(image)).sort();
}

function applicationModel({ applications }: Facts, { namespace, name }: ApplicationRef): ApplicationModel {
  const key = applicationKey({ namespace, name });
  const observed = applications.get(key);
  if (!observed) {
    const words = applications.has(key) ? 'is gone' : 'not seen';
    return { namespace, name, condition: 'unknown', words, trouble: true };
  }
  const [condition, words] = conditionOf(observed);
  const { instance } = observed;
  return { namespace, name, instance, condition, words: sanitizeLine(words), trouble: condition === 'bad' };
}

function conditionOf({ sync, health, operationPending }: Observed): [Condition, string] {
  if (health.status === 'Degraded' || health.status === 'Missing') return ['bad', health.status];
  if (operationPending) return ['busy', 'syncing'];
  if (sync.status !== 'Synced') return ['busy', sync.status];
  if (health.status !== 'Healthy') return ['busy', health.status];
  return ['good', ''];
}
