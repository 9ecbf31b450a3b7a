import type { Observations, Observed } from '@k8sta/applications';
import { applicationKey, tryParseImage } from '@k8sta/contracts';
import { type Environment, environmentOrder } from './environment.js';
import { type Placed, placeAll } from './place.js';
import { isPublic } from './public-images.js';
import { type SuggestedTags, suggestTags } from './tag-rule.js';

export interface SuggestedStation {
  readonly name: string;
  readonly applications: readonly Placed[];
}

/** A Track as it is proposed, with what it was derived from. */
export interface SuggestedTrack {
  readonly name: string;
  readonly images: readonly {
    readonly repository: string;
    readonly aliases: readonly string[];
    readonly tags: SuggestedTags;
    readonly running: readonly string[];
  }[];
  readonly stations: readonly SuggestedStation[];
  /** Applications that run an image and show no environment. */
  readonly unplaced: readonly Observed[];
}

export interface Suggestion {
  readonly tracks: readonly SuggestedTrack[];
  /** Image repositories without a Track, and why. */
  readonly leftOut: readonly { readonly repository: string; readonly why: string }[];
  /** A person has named the images, so that naming them is no advice. */
  readonly isChosen: boolean;
}

/** An image repository, with the Applications that run it. */
interface Candidate {
  readonly repository: string;
  readonly aliases: readonly string[];
  readonly running: readonly string[];
  readonly placed: readonly Placed[];
}

/** Proposes a Track for each image repository that runs in several environments. `wanted`: only for these. */
export function suggest(observations: Observations, wanted: readonly string[] = []): Suggestion {
  const leftOut: { repository: string; why: string }[] = [];
  const candidates: Candidate[] = [];
  const found = candidatesIn(observations);
  const running = new Set(found.map(({ repository }) => repository));
  for (const candidate of withAliases(found)) {
    const { repository, aliases } = candidate;
    const isWanted = [repository, ...aliases].some((each) => wanted.includes(each));
    if (wanted.length > 0 && !isWanted) continue;
    const why = whyOneEnvironment(candidate) ?? (isWanted ? undefined : whyOfOthers(candidate));
    if (why === undefined) candidates.push(candidate);
    // A cluster has many images that are no candidates at all.
    else if (isWanted || whyOneEnvironment(candidate) === undefined) leftOut.push({ repository, why });
  }
  for (const repository of wanted) {
    if (!running.has(repository)) leftOut.push({ repository, why: 'no Application runs it' });
  }
  return { tracks: named(together(candidates)), leftOut, isChosen: wanted.length > 0 };
}

function candidatesIn(observations: Observations): Candidate[] {
  const byRepository = new Map<string, { tags: Set<string>; applications: Set<Observed> }>();
  for (const { observed } of Object.values(observations)) {
    for (const image of observed.images.map(tryParseImage)) {
      if (!image) continue;
      const known = byRepository.get(image.repository) ?? { tags: new Set(), applications: new Set() };
      byRepository.set(image.repository, known);
      known.applications.add(observed);
      if (image.tag !== undefined) known.tags.add(image.tag);
    }
  }
  return [...byRepository]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([repository, { tags, applications }]) => ({
      ...{ repository, aliases: [], running: [...tags].sort() },
      placed: placeAll([...applications]),
    }));
}

/** Takes a repository of the same name that runs in the other environments of the same Applications for a mirror. */
function withAliases(candidates: readonly Candidate[]): Candidate[] {
  const merged: Candidate[] = [];
  for (const candidate of [...candidates].sort((one, other) => firstOf(one) - firstOf(other))) {
    const at = merged.findIndex((each) => isMirror(each, candidate));
    const original = merged[at];
    if (!original) {
      merged.push(candidate);
      continue;
    }
    merged[at] = {
      repository: original.repository,
      aliases: [...original.aliases, candidate.repository],
      running: [...new Set([...original.running, ...candidate.running])].sort(),
      placed: placeAll([...original.placed, ...candidate.placed].map(({ application }) => application)),
    };
  }
  return merged;
}

function isMirror(one: Candidate, other: Candidate): boolean {
  const lastOf = ({ repository }: Candidate) => repository.split('/').at(-1);
  const stems = ({ placed }: Candidate) => [...new Set(placed.map(({ stem }) => stem))].sort().join();
  const environments = new Set(one.placed.map(({ environment }) => environment));
  if (isPublic(one.repository) || isPublic(other.repository) || lastOf(one) !== lastOf(other)) return false;
  return stems(one) === stems(other) && !other.placed.some(({ environment }) => environments.has(environment));
}

/** The first environment in which it runs: images are built for that one. */
function firstOf({ placed }: Candidate): number {
  const orders = placed.flatMap(({ environment }) => (environment ? [environmentOrder.indexOf(environment)] : []));
  return Math.min(...orders, environmentOrder.length);
}

function whyOneEnvironment({ placed }: Candidate): string | undefined {
  const environments = new Set(placed.flatMap(({ environment }) => (environment ? [environment] : [])));
  if (environments.size === 0) return 'nothing shows the environments of its Applications';
  if (environments.size === 1) return `it runs in one environment only, ${[...environments][0]}`;
  return undefined;
}

/** Why it seems to be an image that others publish, or a part of every application. */
function whyOfOthers({ repository, placed }: Candidate): string | undefined {
  if (isPublic(repository)) return 'a public image';
  const firsts = new Set(placed.map(({ stem }) => stem.split('-')[0]));
  if (firsts.size > 1) return `it runs in ${firsts.size} applications of different names`;
  return undefined;
}

/** One Track for images that always run together. */
function together(candidates: readonly Candidate[]): Omit<SuggestedTrack, 'name'>[] {
  const tracks = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    const key = candidate.placed
      .map(({ application }) => applicationKey(application))
      .sort()
      .join();
    tracks.set(key, [...(tracks.get(key) ?? []), candidate]);
  }
  return [...tracks.values()].map((images) => {
    const [first] = images;
    const placed = first?.placed ?? [];
    return {
      images: images.map(({ repository, aliases, running }) => ({
        ...{ repository, aliases, running, tags: suggestTags(running) },
      })),
      stations: stationsOf(placed),
      unplaced: placed.flatMap(({ environment, application }) => (environment ? [] : [application])),
    };
  });
}

function stationsOf(placed: readonly Placed[]): SuggestedStation[] {
  return environmentOrder.flatMap((environment: Environment) => {
    const applications = placed
      .filter((each) => each.environment === environment)
      .sort((one, other) => (applicationKey(one.application) < applicationKey(other.application) ? -1 : 1));
    if (applications.length === 0) return [];
    const words = new Set(applications.map(({ word }) => word));
    const [word] = words;
    return [{ name: words.size === 1 && word !== undefined ? word : environment, applications }];
  });
}

/** Names each Track after its Applications, else after its image. */
function named(tracks: readonly Omit<SuggestedTrack, 'name'>[]): SuggestedTrack[] {
  const taken = new Set<string>();
  return tracks.map((track) => {
    const stems = new Set(track.stations.flatMap(({ applications }) => applications.map(({ stem }) => stem)));
    const [stem = ''] = stems;
    const image = track.images[0]?.repository.split('/').at(-1) ?? '';
    const name = labelOf(stems.size === 1 ? stem : image) || labelOf(image) || 'track';
    let unique = name;
    for (let next = 2; taken.has(unique); next++) unique = `${name}-${next}`;
    taken.add(unique);
    return { name: unique, ...track };
  });
}

function labelOf(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replaceAll(/^-+|-+$/g, '');
}
