import type { Author } from '../../git/fast-import.js';
import { commitsOf, commitTree, isAncestor, mergeTree, rebase } from './git-merge.js';

/**
 * How a pull request reaches its base. `squashAndMerge`: the squashed commit, and a merge commit of it (GitLab).
 * `rebase` makes new commits always (GitHub); `rebaseIfBehind` keeps them where it can (Gitea); `fastForward` needs no copy.
 */
export interface Landing {
  readonly style: 'merge' | 'squash' | 'squashAndMerge' | 'rebase' | 'rebaseIfBehind' | 'fastForward';
  /** Of the merge commit. */
  readonly mergeMessage: string;
  readonly squashMessage: string;
  /** Whether a single commit that has the message already is its own squashed commit (GitLab). */
  readonly keepsSingle?: boolean;
  /** Who merges. */
  readonly by: Author;
  /** As which user the forge itself signs a commit that it makes; undefined: as who merges. */
  readonly committer?: Author;
}

export interface Landed {
  readonly commit: string;
  readonly merge?: string;
  readonly squash?: string;
}

/** Makes the commits; moves no branch. Undefined: they conflict, or a fast-forward is impossible. */
export async function makeCommits(
  directory: string,
  { base, head }: { base: string; head: string },
  landing: Landing,
): Promise<Landed | undefined> {
  const ends = { directory, base, head };
  switch (landing.style) {
    case 'merge':
    case 'squash':
    case 'squashAndMerge':
      return merged(ends, landing);
    case 'rebase':
      return rebased(ends, landing);
    case 'rebaseIfBehind':
      return (await isAncestor(directory, base, head)) ? { commit: head } : rebased(ends, landing);
    case 'fastForward':
      return (await isAncestor(directory, base, head)) ? { commit: head } : undefined;
    default:
      return landing.style satisfies never;
  }
}

interface Ends {
  readonly directory: string;
  readonly base: string;
  readonly head: string;
}

async function merged({ directory, base, head }: Ends, landing: Landing): Promise<Landed | undefined> {
  const tree = await mergeTree(directory, base, head);
  if (!tree) return undefined;
  const { style, by, committer = by } = landing;
  const mergeOf = (side: string) =>
    commitTree(directory, { tree, parents: [base, side], message: landing.mergeMessage, author: by, committer });
  if (style === 'merge') {
    const merge = await mergeOf(head);
    return { commit: merge, merge };
  }
  const { squashMessage: message, keepsSingle } = landing;
  const [first, ...others] = await commitsOf(directory, base, head);
  const isSquashed = keepsSingle && first?.message.trim() === message.trim() && others.length === 0;
  // As the new tip of the base, it must contain the old one.
  const keeps = isSquashed && (style === 'squashAndMerge' || (await isAncestor(directory, base, head)));
  const author = first?.author ?? by;
  const squash = keeps ? head : await commitTree(directory, { tree, parents: [base], message, author, committer });
  if (style === 'squash') return { commit: squash, squash };
  const merge = await mergeOf(squash);
  return { commit: merge, merge, squash };
}

async function rebased({ directory, base, head }: Ends, { by, committer = by }: Landing): Promise<Landed | undefined> {
  const commit = await rebase(directory, { base, head, committer });
  return commit ? { commit } : undefined;
}
