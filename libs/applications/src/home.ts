import { branchRef, type EditSource, normaliseGitUrl } from '@k8sta/contracts';
import type { Source } from './observed.js';
import { pinnedBy } from './revision.js';

/** A repository and a revision that a source reads. */
export interface Home {
  /** Which of the Application's sources has this address. */
  readonly index: number;
  /** As the Application spells it. */
  readonly address: string;
  /** Normalised, to compare by. */
  readonly repository: string;
  readonly revision: string;
  /** Full ref name; undefined for the default branch. */
  readonly branch: string | undefined;
  /** What the revision is, if it is not a branch. */
  readonly pinned: string | undefined;
}

/** Where the address of a source leads. Throws a RangeError if it is not the address of a Git repository. */
export function homeAt(sources: readonly Source[], index: number): Home {
  const { repository: address, targetRevision: revision } = sources[index] ?? { repository: '', targetRevision: '' };
  return {
    ...{ index, address, revision, repository: normaliseGitUrl(address) },
    ...{ branch: branchRef(revision), pinned: pinnedBy(revision) },
  };
}

/** Whether a source is a directory of a Git repository, and not a chart of a registry. */
export function isDirectory({ path, chart }: Source): boolean {
  return path !== undefined && chart === undefined;
}

/** The name of the source that a value file is in: `values` of `$values/shop/prod.yaml`. */
export function refOf(valueFile: string): string | undefined {
  // docs/user-guide/multiple_sources.md of argo-cd.
  return /^\$([^/]+)\//.exec(valueFile)?.[1];
}

/** The indexes of the sources that the value files of a source name, in the order of the files. */
export function refsOf(sources: readonly Source[], { valueFiles = [] }: Source): number[] {
  return valueFiles.flatMap((file) => {
    const name = refOf(file);
    const index = name === undefined ? -1 : sources.findIndex(({ ref }) => ref === name);
    return index < 0 ? [] : [index];
  });
}

/** A source as seen from a repository and a branch: what it reads elsewhere says where. */
export function seenFrom(home: Home, sources: readonly Source[], source: Source): EditSource {
  const { type, path, valueFiles, ignoreMissingValueFiles, directory, overrides } = source;
  const elsewhere = isDirectory(source) ? elsewhereFrom(home, source) : undefined;
  const refs = refsOf(sources, source).map((index) => {
    const each = sources[index] ?? source;
    const at = elsewhereFrom(home, each);
    return [each.ref ?? '', at ? { elsewhere: at } : {}] as const;
  });
  return {
    ...(type && { type }),
    ...(isDirectory(source) && { path }),
    ...(elsewhere && { elsewhere }),
    ...(valueFiles && { valueFiles }),
    ...(ignoreMissingValueFiles && { ignoreMissingValueFiles }),
    ...(refs.length > 0 && { refs: Object.fromEntries(refs) }),
    ...(directory && { directory }),
    ...(overrides && { overrides }),
  };
}

/** Where the files of a source are, if they are not at home. */
function elsewhereFrom(
  home: Home,
  { repository, targetRevision }: Source,
): { repository: string; revision: string } | undefined {
  if (isAt(home, repository, targetRevision)) return undefined;
  return { repository, revision: targetRevision || 'HEAD' };
}

function isAt(home: Home, address: string, revision: string): boolean {
  try {
    return normaliseGitUrl(address) === home.repository && !pinnedBy(revision) && branchRef(revision) === home.branch;
  } catch {
    return false;
  }
}
