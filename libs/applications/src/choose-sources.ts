import { applicationKey, type EditSource, type WaitReason } from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';
import { type Home, homeAt, isDirectory, refsOf, seenFrom } from './home.js';
import { whyNoSource } from './no-source.js';
import type { Observed, Source } from './observed.js';
import { isVersion } from './revision.js';
import { unreadableError } from './slice.js';

/** Why no commit can be made for an Application. */
export interface Obstacle {
  readonly reason: WaitReason;
  /** Begins with the Application. */
  readonly message: string;
  readonly application?: { readonly namespace: string; readonly name: string };
}

/** The sources of an Application that a commit can change, which are all in one repository and on one branch. */
export interface Chosen {
  readonly observed: Observed;
  readonly home: Home;
  readonly sources: readonly EditSource[];
}

/** Sources that are edited in the same repository, on the same branch. */
interface Group {
  readonly home: Home;
  readonly sources: readonly Source[];
}

/** The types whose files K8sTA can search for an image; a source that Argo CD has not rendered yet has no type. */
const canNameImages: readonly (string | undefined)[] = ['Kustomize', 'Helm', 'Directory', undefined];

/** Chooses the repository and the branch to commit to, and the sources that this can change. */
export function chooseSources(observed: Observed): Chosen | Obstacle {
  const { namespace, name, sources } = observed;
  const blocked = (reason: WaitReason, message: string): Obstacle => ({
    ...{ reason, message: `${applicationKey(observed)}: ${message}`, application: { namespace, name } },
  });
  const unreadable = observed.errors.find(({ type }) => type === unreadableError);
  if (unreadable) return blocked('ApplicationUnreadable', unreadable.message);
  let groups: Group[];
  try {
    groups = grouped(sources);
  } catch (error) {
    return blocked('AddressInvalid', `its repoURL ${(error as Error).message}`);
  }
  if (groups.length === 0) return blocked('NoGitSource', whyNoSource(sources));
  const group = chosenOf(groups);
  if (!group) {
    const count = groups.reduce((sum, each) => sum + each.sources.length, 0);
    return blocked('SourceAmbiguous', `${count} of its sources could name the image, and K8sTA cannot tell which`);
  }
  const { home } = group;
  if (home.pinned) {
    const revision = sanitizeLine(home.revision, 100);
    return blocked('RevisionPinned', `its targetRevision "${revision}" is ${home.pinned}; it has to be a branch`);
  }
  return { observed, home, sources: group.sources.map((source) => seenFrom(home, sources, source)) };
}

function grouped(sources: readonly Source[]): Group[] {
  const groups = new Map<string, { home: Home; sources: Source[] }>();
  for (const [index, source] of sources.entries()) {
    const at = editedAt(sources, source, index);
    if (at === undefined) continue;
    const home = homeAt(sources, at);
    const key = `${home.repository} ${home.pinned ? home.revision : (home.branch ?? 'HEAD')}`;
    const group = groups.get(key);
    if (group) group.sources.push(source);
    else groups.set(key, { home, sources: [source] });
  }
  return [...groups.values()];
}

/**
 * The index of the source whose repository is edited for this one: the last that its value files name, because the last
 * file wins, or else itself. Undefined for a chart of a registry alone, and for a source that only holds value files.
 */
function editedAt(sources: readonly Source[], source: Source, index: number): number | undefined {
  return refsOf(sources, source).at(-1) ?? (isDirectory(source) ? index : undefined);
}

/** Undefined if several could be meant. */
function chosenOf(groups: readonly Group[]): Group | undefined {
  const open = groups.filter(({ home }) => !home.pinned);
  const candidates = open.length > 0 ? open : groups;
  const [first, ...others] = candidates;
  if (others.length === 0) return first;
  const able = candidates.filter(({ sources }) => sources.some(({ type }) => canNameImages.includes(type)));
  // `v1.2.0` may be a branch, but beside `main` it is a release of something else.
  const followed = able.filter(({ home }) => !isVersion(home.revision));
  const [only, ...more] = followed.length > 0 ? followed : able;
  return more.length === 0 ? only : undefined;
}
