import {
  applicationKey,
  branchRef,
  type DataOf,
  type ImageRef,
  normaliseGitUrl,
  partId,
  promotionId,
  type Ticket,
  tryParseImage,
  type WaitReason,
} from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';
import type { Station, Track } from '@k8sta/tracks';
import type { Observation } from '../observation.js';
import { membersOf, nothingSelected } from './members.js';
import { whyNoSource } from './no-source.js';
import type { Moment } from './policy.js';
import type { TrackState } from './state.js';

type Request = DataOf<'promotion.requested'>;
type Observed = Observation['observed'];

/** Why no promotion can be requested yet. */
export interface Obstacle {
  readonly reason: WaitReason;
  readonly message: string;
}

/** A promotion as the tracker would request it, or why it cannot yet. */
export type Planned = { promotion: string; requests: Request[] } | { blocked: Obstacle };

/**
 * Groups the Station's Applications by (normalised repository, branch): each group is one request, one commit, one
 * outcome. Everything is derived from the Applications themselves; the tracks file repeats none of it.
 */
export function planPromotion(
  track: Track,
  state: TrackState,
  station: Station,
  ticket: Ticket,
  { now, sourcesOf }: Pick<Moment, 'now' | 'sourcesOf'>,
  commitDeadlineMs: number,
): Planned {
  const members = membersOf(state, station);
  if (members.length === 0) return { blocked: { reason: 'NothingSelected', message: nothingSelected(station) } };
  const found = members.map((application) => locate(state, applicationKey(application)));
  const obstacles = [
    ...found.flatMap((each) => ('reason' in each ? [each] : [])),
    ...unobservedOthers(track, state, station),
  ];
  const [first] = obstacles;
  if (first) return { blocked: { ...first, message: obstacles.map(({ message }) => message).join('; ') } };
  const located = found.flatMap((each) => ('reason' in each ? [] : [each]));
  const groups = grouped(located);
  const attempt = ticket.stations.filter((record) => record.station === station.name).length + 1;
  const promotion = promotionId(ticket.id, station.name, attempt);
  const image: ImageRef = ticket.image;
  const requests = groups.map(({ first, members }, part): Request => {
    const { source, branch } = first;
    return {
      promotion,
      part,
      parts: groups.length,
      ticket: ticket.id,
      track: track.name,
      station: station.name,
      issue: 0,
      repository: source.repository,
      ...(branch ? { branch } : {}),
      applications: members.map(({ observed, source: { path, type, overrides }, index }) => ({
        namespace: observed.namespace,
        name: observed.name,
        path: path ?? '.',
        sourceIndex: index,
        ...(type ? { sourceType: type } : {}),
        image: { ...image },
        runs: observed.images.filter((each) => tryParseImage(each)?.repository === image.repository),
        ...(overrides ? { overrides } : {}),
      })),
      protectedSources: [
        ...protectedSourcesOf(track, state, station, first),
        ...outsideOf(track, state, first, sourcesOf),
      ],
      requestedAt: now.toISOString(),
      notAfter: new Date(now.getTime() + commitDeadlineMs).toISOString(),
    };
  });
  return { promotion, requests };
}

/** The end of a request's message id. It counts the re-issues, because NATS never delivers the same id again. */
export function requestId({ promotion, part, issue }: Request): string[] {
  return [partId(promotion, part), String(issue)];
}

/** The sentence for a Ticket whose commits were requested and have no known obstacle. */
export function requestedMessage(count: number): string {
  return `${count === 1 ? 'a commit was' : `${count} commits were`} requested; waiting for the promoter`;
}

interface Located {
  observed: Observed;
  source: Observed['sources'][number];
  index: number;
  /** Normalised, for comparisons. */
  repository: string;
  branch: string | undefined;
}

function grouped(located: Located[]): { first: Located; members: Located[] }[] {
  const groups = new Map<string, { first: Located; members: Located[] }>();
  for (const each of located) {
    const key = `${each.repository} ${each.branch ?? 'HEAD'}`;
    const group = groups.get(key);
    if (group) group.members.push(each);
    else groups.set(key, { first: each, members: [each] });
  }
  return [...groups.values()];
}

function locate(state: TrackState, key: string): Located | Obstacle {
  const known = state.observations[key];
  const blocked = (reason: WaitReason, message: string): Obstacle => ({ reason, message: `${key}: ${message}` });
  if (!known) return blocked('ApplicationNotObserved', notObserved);
  if (known.gone) {
    return blocked('ApplicationGone', 'the Application no longer exists; create it, or remove it from the tracks file');
  }
  const { observed } = known;
  const [only, another, ...more] = candidatesOf(observed);
  if (!only) return blocked('NoGitSource', whyNoSource(observed.sources));
  if (another) {
    const message = `${more.length + 2} of its sources could name the image, and K8sTA cannot tell which`;
    return blocked('SourceAmbiguous', message);
  }
  const { source, index } = only;
  const revision = sanitizeLine(source.targetRevision, 100);
  const pinned = pinnedBy(revision);
  if (pinned) return blocked('RevisionPinned', `its targetRevision "${revision}" is ${pinned}; it has to be a branch`);
  try {
    return { observed, source, index, branch: branchRef(revision), repository: normaliseGitUrl(source.repository) };
  } catch (error) {
    return blocked('AddressInvalid', `its repoURL ${(error as Error).message}`);
  }
}

const notObserved = 'argo-watcher has not seen this Application; does it exist, in a namespace that is watched?';

/** The sources that could name the image. */
function candidatesOf(observed: Observed): { source: Observed['sources'][number]; index: number }[] {
  const withPath = observed.sources
    .map((source, index) => ({ source, index }))
    .filter(({ source }) => source.path !== undefined && source.chart === undefined);
  const kustomized = withPath.filter(({ source }) => source.type === 'Kustomize');
  return kustomized.length > 0 ? kustomized : withPath;
}

/** A commit on a branch never reaches an Application that is pinned to a commit, a tag or a range. */
function pinnedBy(revision: string): string | undefined {
  // Digits alone may be a branch named by its date; the promoter knows whether it exists.
  if (/^[0-9a-f]{7,64}$/.test(revision) && /[0-9]/.test(revision) && /[a-f]|^.{40,}$/.test(revision)) return 'a commit';
  if (revision.startsWith('refs/tags/')) return 'a tag';
  if (/[\^~*<>=|,\s]/.test(revision)) return 'a range of versions';
  return undefined;
}

/**
 * The sources of the Track's other Stations on this branch: a file that one of them reads must not be edited here.
 * Only the remote knows which branch HEAD is, so HEAD counts as any branch.
 */
function protectedSourcesOf(
  track: Track,
  state: TrackState,
  station: Station,
  own: Located,
): Request['protectedSources'] {
  return othersOf(track, state, station).flatMap(({ other, key }) => {
    const known = state.observations[key];
    if (!known || known.gone) return [];
    const { namespace, name, sources } = known.observed;
    return sources
      .filter((source) => source.path !== undefined && isOnBranch(source, own))
      .map(({ path = '.' }) => ({ station: other.name, namespace, name, path }));
  });
}

/**
 * The sources of Applications that are not on a Station of the Track: their builds may read the same files. One for each
 * path is enough.
 */
function outsideOf(
  track: Track,
  state: TrackState,
  own: Located,
  sourcesOf: Moment['sourcesOf'],
): Request['protectedSources'] {
  const members = new Set(track.stations.flatMap((station) => membersOf(state, station).map(applicationKey)));
  const byPath = new Map<string, Request['protectedSources'][number]>();
  for (const { namespace, name, branch, path } of sourcesOf(own.repository)) {
    if (!mayBeSame(branch, own.branch) || members.has(applicationKey({ namespace, name })) || byPath.has(path))
      continue;
    byPath.set(path, { namespace, name, path });
  }
  return [...byPath.values()];
}

/** Why nothing may be committed yet: it is unknown which files another Station reads. */
function unobservedOthers(track: Track, state: TrackState, station: Station): Obstacle[] {
  return othersOf(track, state, station).flatMap(({ other, key }): Obstacle[] => {
    const known = state.observations[key];
    if (known && (known.gone || known.observed.sources.length > 0)) return [];
    const why = known ? 'it shows no source' : notObserved;
    const message = `${key}: ${why}; until then it is unknown which files ${other.name} reads`;
    return [{ reason: 'ApplicationNotObserved', message }];
  });
}

function othersOf(track: Track, state: TrackState, station: Station): { other: Station; key: string }[] {
  return track.stations
    .filter((other) => other.name !== station.name)
    .flatMap((other) => membersOf(state, other).map((each) => ({ other, key: applicationKey(each) })));
}

function isOnBranch({ repository, targetRevision }: Observed['sources'][number], own: Located): boolean {
  try {
    if (normaliseGitUrl(repository) !== own.repository) return false;
  } catch {
    return false;
  }
  // A tag or a commit may belong to the branch, but its files never change.
  if (pinnedBy(targetRevision)) return false;
  return mayBeSame(branchRef(targetRevision), own.branch);
}

/** HEAD, whose name is unknown here, may be any branch. */
function mayBeSame(branch: string | undefined, other: string | undefined): boolean {
  return branch === other || !branch || !other;
}
